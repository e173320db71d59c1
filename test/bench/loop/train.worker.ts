/** A process that trains what it is sent, one mixture after the other, and answers with what every document costs. */
import { Random } from "../../../pipeline/math/random.ts";
import type { Proxy } from "../../../pipeline/proxy/proxy.ts";
import { createTransformerProxy } from "../../../pipeline/proxy/transformer/create-transformer-proxy.ts";
import { referenceTokens } from "../fidelity/setting.ts";
import type { Training, TrainingAnswer } from "./measurer.ts";
import { type ModelName, models, prepareLoop } from "./setting.ts";

const { input, targets } = await prepareLoop();
const proxies = new Map<string, Proxy>();

process.on("message", (training: Training) => {
  void train(training).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.send!("ready");

async function train({ model, weights, seed }: Training): Promise<TrainingAnswer> {
  const before = process.cpuUsage();
  const key = `${model}/${seed}`;
  const proxy = proxies.get(key) ?? createModel(model, seed);
  proxies.set(key, proxy);
  const measured = await proxy.evaluate(weights);
  const { user, system } = process.cpuUsage(before);
  return {
    documentNats: measured.targets.map(({ documentNats }) => [...documentNats]),
    cpuSeconds: (user + system) / 1e6,
  };
}

function createModel(model: ModelName, seed: string): Proxy {
  const { side, tokens, config } = models[model];
  const budget = { targetTokens: referenceTokens, proxyTokens: tokens };
  return createTransformerProxy({ ...input, targets: targets[side], budget, seed: new Random(seed) }, config);
}
