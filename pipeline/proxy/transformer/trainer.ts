import type { Tensor } from "onnxruntime-node";
import { ConfigError } from "../../core/errors.ts";
import { openModel, tensorOver, type Tensors } from "../../onnx-graph/open-model.ts";
import { type OptimizerShape, ratesAt, stateParts, type TrainingState } from "./adamw.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { gradientStep } from "./gradient-step.ts";
import { type ModelShape, parameterCount, parametersOf } from "./model.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";
import { openAdamW } from "./simd-adamw.ts";
import { openTokenRows } from "./token-rows.ts";

export interface TrainerSettings {
  readonly shape: ModelShape;
  readonly batchSequences: number;
  readonly optimizer: OptimizerShape;
  readonly schedule: Schedule;
}

interface TrainingCheckpoint {
  readonly folder: string;
  /** Which training it is: another one's checkpoint is not taken up. */
  readonly key: string;
  /** Between two saves: what a crash costs at most. 20 seconds if left out. */
  readonly milliseconds?: number;
}

export interface TrainingRun {
  readonly steps: number;
  /** Copies contextTokens + 1 tokens; step s reads sequences s * batchSequences and following. */
  readonly readSequence: (sequence: number, out: Uint32Array) => void;
  /** Parameters to start from. */
  readonly initial: Float32Array;
  /** Where to save once in a while, and to go on from if the training was interrupted before. */
  readonly checkpoint?: TrainingCheckpoint | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface TrainedModel {
  /** A copy: the trainer may be used again. */
  readonly theta: Float32Array;
  /** Nats per token of each step's batch, before its update. */
  readonly losses: readonly number[];
}

/** Trains models of one shape, one after another, on one thread. */
export interface Trainer {
  /**
   * @throws NonFiniteLossError if the loss is no number any more, or the gradient's square none of float32; the signal's
   *   reason once it is aborted, after a checkpoint
   */
  train(run: TrainingRun): Promise<TrainedModel>;
  close(): Promise<void>;
}

/** Training went out of bounds, and would again: the same run gives the same bits. */
export class NonFiniteLossError extends ConfigError {}

/**
 * onnxruntime reads the parameters, and writes the gradient, straight from and to the memory where AdamW then works on
 * them.
 */
export async function openTrainer(settings: TrainerSettings): Promise<Trainer> {
  const { shape, batchSequences, optimizer, schedule } = settings;
  const model = await openModel(gradientStep(shape, batchSequences));
  const adamW = openAdamW(parameterCount(shape));
  const rows = await openTokenRows(shape.contextTokens, batchSequences);
  const sequence = new Uint32Array(shape.contextTokens + 1);
  const loss = new Float32Array(1);
  const inputs = { ...(await matricesOver(adamW.state.theta, shape, "theta")), ...rows.tensors };
  const outputs = {
    ...(await matricesOver(adamW.gradient, shape, "gradient")),
    loss: await tensorOver(loss, []),
  };

  async function step(run: TrainingRun, index: number): Promise<number> {
    for (let b = 0; b < batchSequences; b++) {
      run.readSequence(index * batchSequences + b, sequence);
      rows.set(b, sequence, sequence.subarray(1), shape.contextTokens);
    }
    await model.run(inputs, outputs);
    const gradientNorm = adamW.gradientNorm();
    const learningRate = learningRateAt(schedule, index, run.steps);
    // AdamW squares the gradient in float32.
    if (!Number.isFinite(loss[0]) || !Number.isFinite(Math.fround(gradientNorm ** 2))) {
      throw new NonFiniteLossError(
        `the proxy's loss is ${loss[0]} and its gradient's norm ${gradientNorm} at step ${index + 1} of ${run.steps}`,
        `lower the proxy's learningRate (it was ${learningRate}) or clipNorm, or lengthen its warm-up`,
      );
    }
    adamW.update(ratesAt(optimizer, { step: index + 1, learningRate, gradientNorm }));
    return loss[0]!;
  }

  return {
    async train(run) {
      const { steps, checkpoint, signal } = run;
      const saved = checkpoint && (await loadCheckpoint(checkpoint.folder, checkpoint.key));
      const losses = [...(saved?.losses ?? [])];
      const start = saved?.step ?? 0;
      load(adamW.state, saved ?? { theta: run.initial });
      let lastSaved = performance.now();
      for (let index = start; index < steps; index++) {
        const late = performance.now() - lastSaved > (checkpoint?.milliseconds ?? 20_000);
        if (checkpoint !== undefined && (late || signal?.aborted === true)) {
          await saveCheckpoint(checkpoint.folder, checkpoint.key, {
            step: index,
            losses,
            state: adamW.state,
          });
          lastSaved = performance.now();
        }
        signal?.throwIfAborted();
        losses.push(await step(run, index));
      }
      return { theta: adamW.state.theta.slice(), losses };
    },
    close: () => model.close(),
  };
}

/** A flat vector as one tensor for each parameter, by the names the graph knows them by. */
async function matricesOver(flat: Float32Array, shape: ModelShape, prefix: string): Promise<Tensors> {
  const matrices: Record<string, Tensor> = {};
  for (const { name, shape: dims, offset } of parametersOf(shape)) {
    matrices[`${prefix}.${name}`] = await tensorOver(flat.subarray(offset, offset + dims[0] * dims[1]), dims);
  }
  return matrices;
}

function load(
  state: TrainingState,
  from: { readonly state: TrainingState } | { readonly theta: Float32Array },
): void {
  if ("state" in from) {
    for (const part of stateParts) state[part].set(from.state[part]);
    return;
  }
  state.theta.set(from.theta);
  state.m.fill(0);
  state.v.fill(0);
}
