import type { Tensor } from "onnxruntime-node";
import { ConfigError } from "../../core/errors.ts";
import { openModel, tensorOver, type Tensors } from "../../onnx-graph/open-model.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { type ModelShape, parameterCount, parametersOf } from "./model.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";
import { openTokenRows } from "./token-rows.ts";
import { type OptimizerShape, stateParts, type TrainingState, trainingStep } from "./training-step.ts";

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
   * @throws NonFiniteLossError if the loss or the gradient is no number any more; the signal's reason once it is aborted,
   *   after a checkpoint
   */
  train(run: TrainingRun): Promise<TrainedModel>;
  close(): Promise<void>;
}

/** Training went out of bounds, and would again: the same run gives the same bits. */
export class NonFiniteLossError extends ConfigError {}

/**
 * The state lies in two sets of flat vectors: a step reads one and writes the other, straight from and to this process's
 * memory.
 */
export async function openTrainer(settings: TrainerSettings): Promise<Trainer> {
  const { shape, batchSequences, optimizer, schedule } = settings;
  const model = await openModel(trainingStep(shape, batchSequences, optimizer));
  const states = [await openState(shape), await openState(shape)] as const;
  const rows = await openTokenRows(shape.contextTokens, batchSequences);
  const sequence = new Uint32Array(shape.contextTokens + 1);
  const rates = { learningRate: await scalar(), correction1: await scalar(), correction2: await scalar() };
  const reports = { loss: await scalar(), gradientNorm: await scalar() };

  async function step(run: TrainingRun, index: number): Promise<number> {
    for (let b = 0; b < batchSequences; b++) {
      run.readSequence(index * batchSequences + b, sequence);
      rows.set(b, sequence, sequence.subarray(1), shape.contextTokens);
    }
    rates.learningRate.data[0] = learningRateAt(schedule, index, run.steps);
    rates.correction1.data[0] = 1 - optimizer.beta1 ** (index + 1);
    rates.correction2.data[0] = 1 - optimizer.beta2 ** (index + 1);
    const [from, to] = [states[index % 2]!, states[(index + 1) % 2]!];
    await model.run(
      { ...from.inputs, ...rows.tensors, ...tensorsOf(rates) },
      { ...to.outputs, ...tensorsOf(reports) },
    );
    const loss = reports.loss.data[0]!;
    if (!Number.isFinite(loss) || !Number.isFinite(reports.gradientNorm.data[0]!)) {
      throw new NonFiniteLossError(
        `the proxy's loss is ${loss} and its gradient's norm ${reports.gradientNorm.data[0]} at step ${index + 1} of ${run.steps}`,
        `lower the proxy's learningRate (it was ${rates.learningRate.data[0]}) or clipNorm, or lengthen its warm-up`,
      );
    }
    return loss;
  }

  return {
    async train(run) {
      const { steps, checkpoint, signal } = run;
      const saved = checkpoint && (await loadCheckpoint(checkpoint.folder, checkpoint.key));
      const losses = [...(saved?.losses ?? [])];
      const start = saved?.step ?? 0;
      load(states[start % 2]!, saved ?? { theta: run.initial });
      let lastSaved = performance.now();
      for (let index = start; index < steps; index++) {
        const late = performance.now() - lastSaved > (checkpoint?.milliseconds ?? 20_000);
        if (checkpoint !== undefined && (late || signal?.aborted === true)) {
          const { state } = states[index % 2]!;
          await saveCheckpoint(checkpoint.folder, checkpoint.key, { step: index, losses, state });
          lastSaved = performance.now();
        }
        signal?.throwIfAborted();
        losses.push(await step(run, index));
      }
      return { theta: states[steps % 2]!.state.theta.slice(), losses };
    },
    close: () => model.close(),
  };
}

interface OpenState {
  readonly state: TrainingState;
  /** The same memory as tensors, by the names the graph knows them by. */
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

async function openState(shape: ModelShape): Promise<OpenState> {
  const count = parameterCount(shape);
  const vector = () => new Float32Array(count);
  const state = { theta: vector(), m: vector(), v: vector() };
  const inputs: Record<string, Tensor> = {};
  const outputs: Record<string, Tensor> = {};
  for (const part of stateParts) {
    for (const { name, shape: dims, offset } of parametersOf(shape)) {
      const view = state[part].subarray(offset, offset + dims[0] * dims[1]);
      inputs[`${part}.${name}`] = await tensorOver(view, dims);
      outputs[`next.${part}.${name}`] = await tensorOver(view, dims);
    }
  }
  return { state, inputs, outputs };
}

function load({ state }: OpenState, from: { state: TrainingState } | { theta: Float32Array }): void {
  if ("state" in from) {
    for (const part of stateParts) state[part].set(from.state[part]);
    return;
  }
  state.theta.set(from.theta);
  state.m.fill(0);
  state.v.fill(0);
}

interface Scalar {
  readonly data: Float32Array;
  readonly tensor: Tensor;
}

async function scalar(): Promise<Scalar> {
  const data = new Float32Array(1);
  return { data, tensor: await tensorOver(data, []) };
}

function tensorsOf(scalars: Readonly<Record<string, Scalar>>): Tensors {
  return Object.fromEntries(Object.entries(scalars).map(([name, { tensor }]) => [name, tensor]));
}
