import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { writeNpy } from "../../../../pipeline/core/npy.ts";
import { Random } from "../../../../pipeline/math/random.ts";
import { createExternalProxy } from "../../../../pipeline/proxy/external/create-external-proxy.ts";
import type { ProxyInput } from "../../../../pipeline/proxy/proxy.ts";
import { createTransformerProxy } from "../../../../pipeline/proxy/transformer/create-transformer-proxy.ts";
import { initialParameters } from "../../../../pipeline/proxy/transformer/model.ts";
import { ExternalProxyConfig, TransformerProxyConfig } from "../../../../pipeline/schema/proxy-config.ts";
import { packageRoot } from "../../../../stages/parts/tool-version.ts";
import { withTempDir } from "../../../support/temp-dir.ts";
import { domainOf, targetOf } from "../tiny-corpus.ts";

const python = "/usr/bin/python3";
const hasTorch = spawnSync(python, ["-c", "import torch, numpy"]).status === 0;
const skip = hasTorch ? false : `${python} has no torch`;

const words = 30;
const random = new Random("torch-trainer");
const write = (step: number) =>
  Array.from({ length: 12 }, () => {
    let token = random.below(words);
    return [
      0,
      ...Array.from({ length: 70 }, () => 1 + (token = (token * 3 + step + random.below(2)) % words)),
    ];
  });
const documents = write(1).map((document) => document.slice(1));
const input: ProxyInput = {
  vocabularySize: words + 1,
  endOfDocument: 0,
  domains: [domainOf("one", write(1)), domainOf("two", write(5))],
  targets: [
    targetOf("target", documents),
    { ...targetOf("questions", documents), contextTokens: new Uint32Array(12).fill(33) },
  ],
  budget: { targetTokens: 20 * 4 * 16, proxyTokens: null },
  seed: new Random("seed"),
};
const shape = { contextTokens: 16, batchSequences: 4 };
const settings = { width: 16, layers: 2, heads: 2, learningRate: 0.01 };

const script = `${join(packageRoot, "configs/trainers/torch_trainer.py")} --request {request} --out {out}`;
const trainer = `${python} ${script}`;
// torchrun, as the same Python's module; of the two options after --log_dir see the head of torch_trainer.py.
const torchrun = `${python} -m torch.distributed.run --standalone --nproc_per_node 2 --log_dir {out} --redirects 1 --tee 1 ${script}`;

for (const [positions, processes, command] of [
  ["rotary", "one process", trainer],
  ["learned", "two processes by torchrun", torchrun],
] as const) {
  await test(
    `the trainer in PyTorch trains as the embedded proxy does: ${positions} positions, ${processes}`,
    { skip },
    () =>
      withTempDir(async (folder) => {
        const ours = TransformerProxyConfig.parse({ kind: "transformer", ...shape, ...settings, positions });
        const model = { vocabulary: input.vocabularySize, contextTokens: shape.contextTokens };
        const initial = initialParameters(
          { ...model, width: ours.width, layers: ours.layers, heads: ours.heads, positions },
          input.seed.fork("initial"),
        );
        const path = join(folder, "initial.npy");
        await writeNpy(path, initial, [initial.length]);
        const theirs = ExternalProxyConfig.parse({
          kind: "external",
          command,
          environment: { OMP_NUM_THREADS: "1" },
          settings: { ...settings, positions, saveModel: true },
          retries: 0,
          ...shape,
        });
        const weights = [0.7, 0.3];
        const embedded = await createTransformerProxy(input, ours).evaluate(weights);
        const place = { folder, tokenizerFolder: null, initialParameters: path };
        const external = await createExternalProxy(input, theirs, place).evaluate(weights);
        assert.equal(external.trainingNats!.length, 20);
        external.trainingNats!.forEach((nats, step) => {
          assert.ok(Math.abs(nats - embedded.trainingNats![step]!) < 1e-4, `step ${step}: ${nats}`);
        });
        assert.ok(external.trainingNats!.at(-1)! < external.trainingNats![0]! - 0.2, "it learns");
        external.targets.forEach(({ documentNats }, t) =>
          documentNats.forEach((nats, d) => {
            const expected = embedded.targets[t]!.documentNats[d]!;
            assert.ok(
              Math.abs(nats / expected - 1) < 1e-4,
              `target ${t}, document ${d}: ${nats}, not ${expected}`,
            );
          }),
        );
        assert.deepEqual(external.drawnTokens, embedded.drawnTokens);

        if (command !== trainer) return;
        // A training that starts from what this one ended with begins about where it stopped.
        const [job] = await readdir(join(folder, "trainings"));
        const warm = { ...theirs, startFrom: join(folder, "trainings", job!, "model.pt") };
        const further = await createExternalProxy(input, warm, { folder, tokenizerFolder: null }).evaluate(
          weights,
        );
        const [cold, after] = [external.trainingNats!, further.trainingNats!];
        assert.ok(after[0]! < (cold[0]! + cold.at(-1)!) / 2, `${after[0]} after ${cold.at(-1)}`);
      }),
  );
}
