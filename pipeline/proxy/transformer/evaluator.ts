import type { Tensor } from "onnxruntime-node";
import { type Model, openModel, tensorOver } from "../../onnx-graph/open-model.ts";
import type { ProxyTarget } from "../proxy.ts";
import { evaluationStep } from "./evaluation-step.ts";
import { type ModelShape, parametersOf } from "./model.ts";
import { openTokenRows, type TokenRows } from "./token-rows.ts";

/** Measures models of one shape on documents. */
export interface Evaluator {
  /**
   * -ln p of each document, in nats. A document is predicted from its first token on, after the end-of-document token; one
   * longer than the context is read in windows that do not overlap, each after the last token of the one before.
   */
  documentNats(
    theta: Float32Array,
    text: Pick<ProxyTarget, "tokens" | "documentEnds">,
    endOfDocument: number,
    signal?: AbortSignal,
  ): Promise<Float64Array>;
  close(): Promise<void>;
}

/** Tokens of a batch: enough to keep the matrix products busy, few enough to waste little on the last batch. */
const batchTokens = 1024;

/** Documents shorter than this are padded to it. */
const shortestContext = 16;

interface Window {
  readonly document: number;
  readonly start: number;
  readonly length: number;
}

interface Opened {
  readonly model: Model;
  readonly batch: number;
  readonly rows: TokenRows;
  readonly mask: Float32Array;
  readonly maskTensor: Tensor;
}

/** Opens a model for each context of the shape's, a half of it, a quarter ...: short documents need no long ones. */
export function createEvaluator(shape: ModelShape): Evaluator {
  const opened = new Map<number, Opened>();
  async function open(contextTokens: number): Promise<Opened> {
    const known = opened.get(contextTokens);
    if (known !== undefined) return known;
    const batch = Math.max(1, Math.floor(batchTokens / contextTokens));
    const mask = new Float32Array(contextTokens * batch);
    const made: Opened = {
      model: await openModel(evaluationStep({ ...shape, contextTokens }, batch)),
      batch,
      rows: await openTokenRows(contextTokens, batch),
      mask,
      maskTensor: await tensorOver(mask, [mask.length]),
    };
    opened.set(contextTokens, made);
    return made;
  }

  return {
    async documentNats(theta, { tokens, documentEnds }, endOfDocument, signal) {
      const nats = new Float64Array(documentEnds.length);
      for (const [contextTokens, windows] of windowsByContext(documentEnds, shape.contextTokens)) {
        const { model, batch, rows, mask, maskTensor } = await open(contextTokens);
        const parameters = await parameterTensors(theta, shape, contextTokens);
        for (let first = 0; first < windows.length; first += batch) {
          signal?.throwIfAborted();
          const members = windows.slice(first, first + batch);
          mask.fill(0);
          members.forEach(({ document, start, length }, b) => {
            const targets = tokens.subarray(start, start + length);
            const documentStart = document === 0 ? 0 : documentEnds[document - 1]!;
            const before = start === documentStart ? endOfDocument : tokens[start - 1]!;
            rows.set(b, [before, ...targets.subarray(0, -1)], targets, length);
            for (let t = 0; t < length; t++) mask[t * batch + b] = 1;
          });
          const { nats: found } = await model.run({ ...parameters, ...rows.tensors, mask: maskTensor });
          const values = found!.data as Float32Array;
          members.forEach(({ document, length }, b) => {
            for (let t = 0; t < length; t++) nats[document]! += values[t * batch + b]!;
          });
        }
      }
      return nats;
    },
    async close() {
      for (const { model } of opened.values()) await model.close();
    },
  };
}

/** Documents cut into windows, by the smallest context that holds each; longest context first. */
function windowsByContext(documentEnds: Uint32Array, contextTokens: number): Map<number, Window[]> {
  const contexts = [contextTokens];
  for (let half = contextTokens / 2; half >= shortestContext && Number.isInteger(half); half /= 2)
    contexts.push(half);
  const windows = new Map<number, Window[]>(contexts.map((context) => [context, []]));
  let start = 0;
  documentEnds.forEach((end, document) => {
    for (; start < end; start += contextTokens) {
      const length = Math.min(contextTokens, end - start);
      windows.get(contexts.findLast((context) => context >= length)!)!.push({ document, start, length });
    }
    start = end;
  });
  return windows;
}

async function parameterTensors(
  theta: Float32Array,
  shape: ModelShape,
  contextTokens: number,
): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const { name, shape: dims, offset } of parametersOf(shape)) {
    // Of learned positions, a shorter context has only the first.
    const used: readonly [number, number] = name === "positions" ? [contextTokens, dims[1]] : dims;
    tensors[`theta.${name}`] = await tensorOver(theta.subarray(offset, offset + used[0] * used[1]), used);
  }
  return tensors;
}
