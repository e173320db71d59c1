/** The models that are compared, by name: each is trained on every mixture. */
import type { Random } from "../../../pipeline/math/random.ts";
import { planBatches, readSequence } from "../../../pipeline/proxy/batch-plan.ts";
import { createEvaluator } from "../../../pipeline/proxy/transformer/evaluator.ts";
import { initialParameters } from "../../../pipeline/proxy/transformer/model.ts";
import { openTrainer, type TrainerSettings } from "../../../pipeline/proxy/transformer/trainer.ts";
import { bitsPerByte } from "../../../pipeline/proxy/proxy.ts";
import { referenceTokens, type Setting } from "./setting.ts";

export interface TransformerRun extends Omit<TrainerSettings, "shape" | "optimizer"> {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly contextTokens: number;
  /** Its pools are scaled down from the reference's with it. */
  readonly budgetTokens: number;
}

export interface Measured {
  /** By target. */
  readonly bitsPerByte: Readonly<Record<string, number>>;
  readonly trainingNatsPerToken: number;
  readonly cpuSeconds: number;
}

/** Trains one model on one mixture and measures every target. */
export async function trainTransformer(
  { width, layers, heads, contextTokens, budgetTokens, batchSequences, schedule }: TransformerRun,
  { domains, targets, vocabularySize, endOfDocument }: Setting,
  mixture: Float64Array,
  seed: Random,
): Promise<Measured> {
  const before = process.cpuUsage();
  const shape = {
    vocabulary: vocabularySize,
    width,
    layers,
    heads,
    contextTokens,
    positions: "rotary",
  } as const;
  const budget = { targetTokens: referenceTokens, proxyTokens: budgetTokens };
  const plan = planBatches(mixture, domains, budget, { contextTokens, batchSequences }, seed);
  const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 };
  const trainer = await openTrainer({ shape, batchSequences, optimizer, schedule });
  const evaluator = createEvaluator(shape);
  try {
    const { theta, losses } = await trainer.train({
      steps: plan.steps,
      readSequence: (sequence, out) => readSequence(plan, domains, sequence, out),
      initial: initialParameters(shape, seed.fork("initial")),
    });
    const found: Record<string, number> = {};
    for (const target of targets) {
      const nats = await evaluator.documentNats(theta, target, endOfDocument);
      found[target.name] = bitsPerByte(nats, target.documentBytes);
    }
    const last = losses.slice(-20);
    const { user, system } = process.cpuUsage(before);
    return {
      bitsPerByte: found,
      trainingNatsPerToken: last.reduce((sum, loss) => sum + loss, 0) / last.length,
      cpuSeconds: (user + system) / 1e6,
    };
  } finally {
    await trainer.close();
    await evaluator.close();
  }
}
