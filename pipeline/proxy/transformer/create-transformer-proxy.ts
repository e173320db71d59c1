import { ConfigError } from "../../core/errors.ts";
import { hashJson } from "../../core/hash.ts";
import type { TransformerProxyConfig } from "../../schema/proxy-config.ts";
import { planBatches, readSequence } from "../batch-plan.ts";
import { checkInput } from "../check-input.ts";
import { domainSize } from "../pool.ts";
import type { Proxy, ProxyInput } from "../proxy.ts";
import { sequenceShape } from "../token-plan.ts";
import { clearCheckpoint } from "./checkpoint.ts";
import { createEvaluator } from "./evaluator.ts";
import { initialParameters, type ModelShape } from "./model.ts";
import { openTrainer, type Trainer, type TrainerSettings, type TrainingRun } from "./trainer.ts";
import { transformerIdentity } from "./transformer-identity.ts";

/**
 * A transformer trained from the start for every mixture, or from `initial` where the config asks for a warm start. One
 * seed gives all mixtures the same initial parameters and, of each domain, the same documents in the same order, so that
 * what differs between two mixtures is the mixtures; another seed varies all three.
 *
 * @throws InputError if tokens do not fit the vocabulary or the documents; ConfigError if the text has no end-of-document
 *   tokens
 */
export function createTransformerProxy(
  input: ProxyInput,
  config: TransformerProxyConfig,
  initial?: Float32Array,
): Proxy {
  checkInput(input);
  const { domains, targets, budget, seed, endOfDocument } = input;
  if (endOfDocument === undefined) {
    throw new ConfigError(
      "a transformer proxy needs to know which token ends a document",
      "give the run a proxyTokenizer, for example { kind: bpe }",
    );
  }
  const settings = trainerSettings(config, input.vocabularySize);
  const evaluator = createEvaluator(settings.shape);
  let trainer: Promise<Trainer> | undefined;

  return {
    identity: transformerIdentity(config),
    async evaluate(weights, signal, keepDir) {
      signal?.throwIfAborted();
      const plan = planBatches(weights, domains, budget, sequenceShape(config), seed);
      const run: TrainingRun = {
        steps: plan.steps,
        readSequence: (sequence, out) => readSequence(plan, domains, sequence, out),
        initial: initial ?? initialParameters(settings.shape, seed.fork("initial")),
        ...(keepDir !== undefined && { checkpoint: { folder: keepDir, key: hashJson(Array.from(weights)) } }),
        ...(signal && { signal }),
      };
      const { theta, losses } = await (await (trainer ??= openTrainer(settings))).train(run);
      const measured: { name: string; documentNats: Float64Array }[] = [];
      for (const target of targets) {
        const documentNats = await evaluator.documentNats(theta, target, endOfDocument, signal);
        measured.push({ name: target.name, documentNats });
      }
      if (keepDir !== undefined) await clearCheckpoint(keepDir);
      const { drawnTokens, epochs } = plan;
      return { targets: measured, drawnTokens, epochs, trainingNats: stretchMeans(losses) };
    },
  };
}

/**
 * Parameters after training on the natural mixture for input.budget, at the peak rate to the end: where proxies with a
 * warm start begin, and then decay on their mixture, as the paper's do after its first phase.
 */
export async function trainWarmStart(
  input: Pick<ProxyInput, "vocabularySize" | "domains" | "budget" | "seed">,
  config: TransformerProxyConfig,
  options: Pick<TrainingRun, "checkpoint" | "signal"> = {},
): Promise<Float32Array> {
  const { domains, budget, seed, vocabularySize } = input;
  const settings = trainerSettings({ ...config, schedule: "wsd", decayShare: 0 }, vocabularySize);
  const sizes = domains.map(domainSize).map(({ tokens, runTokens = tokens }) => runTokens);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const natural = sizes.map((size) => size / total);
  const plan = planBatches(natural, domains, budget, sequenceShape(config), seed.fork("warm-start"));
  const trainer = await openTrainer(settings);
  const { theta } = await trainer.train({
    steps: plan.steps,
    readSequence: (sequence, out) => readSequence(plan, domains, sequence, out),
    initial: initialParameters(settings.shape, seed.fork("warm-start")),
    ...options,
  });
  await trainer.close();
  return theta;
}

function trainerSettings(config: TransformerProxyConfig, vocabulary: number): TrainerSettings {
  const { width, layers, heads, contextTokens, positions, batchSequences } = config;
  const shape: ModelShape = { vocabulary, width, layers, heads, contextTokens, positions };
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = config;
  const { schedule: kind, learningRate: peakLearningRate, warmupShare, decayShare } = config;
  return {
    shape,
    batchSequences,
    optimizer: { beta1, beta2, epsilon, weightDecay, clipNorm },
    schedule: { kind, peakLearningRate, warmupShare, decayShare },
  };
}

/** Means over equal stretches of the run. */
const stretches = 20;

function stretchMeans(losses: readonly number[]): number[] {
  const count = Math.min(stretches, losses.length);
  return Array.from({ length: count }, (_, index) => {
    const part = losses.slice(
      Math.floor((index * losses.length) / count),
      Math.floor(((index + 1) * losses.length) / count),
    );
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
}
