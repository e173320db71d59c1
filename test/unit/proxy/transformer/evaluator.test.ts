import assert from "node:assert/strict";
import test from "node:test";
import { createEvaluator } from "../../../../pipeline/proxy/transformer/evaluator.ts";
import { initialParameters, type ModelShape } from "../../../../pipeline/proxy/transformer/model.ts";
import { Random } from "../../../../pipeline/math/random.ts";
import { openTrainer } from "../../../../pipeline/proxy/transformer/trainer.ts";
import { targetOf } from "../tiny-corpus.ts";

const shape: ModelShape = {
  vocabulary: 30,
  width: 16,
  layers: 1,
  heads: 2,
  contextTokens: 64,
  positions: "learned",
};
const endOfDocument = 29;
/** Far from uniform. */
const theta = initialParameters(shape, new Random("theta")).map((value) => 20 * value);
const random = new Random("text");
const write = (length: number) => Array.from({ length }, () => random.below(29));

await test("a document of one context has the loss that training would see", async () => {
  const document = write(64);
  const evaluator = createEvaluator(shape);
  const [nats] = await evaluator.documentNats(theta, targetOf("one", [document]), endOfDocument);
  await evaluator.close();
  const trainer = await openTrainer({
    shape,
    batchSequences: 1,
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
    schedule: { kind: "wsd", peakLearningRate: 0.1, warmupShare: 0, decayShare: 0 },
  });
  const { losses } = await trainer.train({
    steps: 1,
    initial: theta,
    readSequence: (_, out) => out.set([endOfDocument, ...document]),
  });
  await trainer.close();
  assert.ok(Math.abs(nats! / 64 - losses[0]!) < 1e-5, `${nats! / 64} for ${losses[0]}`);
});

await test("a document's loss does not depend on its neighbours, and windows add up", async () => {
  const evaluator = createEvaluator(shape);
  const documents = [write(5), write(200), [], write(64), write(1), write(30), write(65)];
  const together = await evaluator.documentNats(theta, targetOf("all", documents), endOfDocument);
  for (const [index, document] of documents.entries()) {
    const [alone = 0] = await evaluator.documentNats(theta, targetOf("one", [document]), endOfDocument);
    assert.ok(
      Math.abs(together[index]! - alone) < 1e-4 * Math.max(1, alone),
      `${together[index]} for ${alone}`,
    );
  }
  assert.equal(together[2], 0, "an empty document has nothing to predict");
  assert.deepEqual(await evaluator.documentNats(theta, targetOf("all", documents), endOfDocument), together);
  await evaluator.close();
});
