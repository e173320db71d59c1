/**
 * A tiny training that two processes can do alike. As a program, `counting-trainer.js FOLDER`, it saves after every step,
 * says so, and waits to be killed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../pipeline/math/random.ts";
import { initialParameters, type ModelShape } from "../../pipeline/proxy/transformer/model.ts";
import {
  openTrainer,
  type TrainerSettings,
  type TrainingRun,
} from "../../pipeline/proxy/transformer/trainer.ts";

export const countingShape: ModelShape = {
  vocabulary: 50,
  width: 16,
  layers: 2,
  heads: 2,
  contextTokens: 8,
  positions: "rotary",
};

export const countingSettings: TrainerSettings = {
  shape: countingShape,
  batchSequences: 4,
  optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
  schedule: { kind: "wsd", peakLearningRate: 0.02, warmupShare: 0.1, decayShare: 0.3 },
};

/** Each sequence counts up from a place of its own. */
export const countingRun: TrainingRun = {
  steps: 40,
  initial: initialParameters(countingShape, new Random("initial")),
  readSequence: (sequence, out) =>
    out.forEach((_, t) => (out[t] = (sequence * 7 + t) % countingShape.vocabulary)),
};

const [program = "", folder] = process.argv.slice(1);
if (program.endsWith("counting-trainer.js") && folder !== undefined) {
  const trainer = await openTrainer(countingSettings);
  const readSequence: TrainingRun["readSequence"] = (sequence, out) => {
    if (sequence % countingSettings.batchSequences === 0) process.stdout.write(`${sequence / 4}\n`);
    countingRun.readSequence(sequence, out);
  };
  await trainer.train({
    ...countingRun,
    readSequence,
    checkpoint: { folder, key: "counting", milliseconds: 0 },
  });
  await sleep(60_000);
}
