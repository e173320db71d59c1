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
   * longer than the context is read in windows that do not overlap, each after the last token of the one before. Where
   * its first tokens are given, only the others count, and the last window is a full one.
   */
  documentNats(
    theta: Float32Array,
    text: Pick<ProxyTarget, "tokens" | "documentEnds" | "contextTokens">,
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
  /** First tokens that are not to be predicted. */
  readonly given: number;
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
    async documentNats(theta, text, endOfDocument, signal) {
      const { tokens, documentEnds } = text;
      const nats = new Float64Array(documentEnds.length);
      for (const [size, windows] of windowsBySize(text, shape.contextTokens)) {
        const { model, batch, rows, mask, maskTensor } = await open(size);
        const parameters = await parameterTensors(theta, shape, size);
        for (let first = 0; first < windows.length; first += batch) {
          signal?.throwIfAborted();
          const members = windows.slice(first, first + batch);
          mask.fill(0);
          members.forEach(({ document, start, length, given }, b) => {
            const targets = tokens.subarray(start, start + length);
            const documentStart = document === 0 ? 0 : documentEnds[document - 1]!;
            const before = start === documentStart ? endOfDocument : tokens[start - 1]!;
            rows.set(b, [before, ...targets.subarray(0, -1)], targets, length);
            for (let t = given; t < length; t++) mask[t * batch + b] = 1;
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

/** Documents cut into windows, by the smallest size that holds each; largest first. */
function windowsBySize(
  { documentEnds, contextTokens: given }: Pick<ProxyTarget, "documentEnds" | "contextTokens">,
  largest: number,
): Map<number, Window[]> {
  const sizes = [largest];
  for (let half = largest / 2; half >= shortestContext && Number.isInteger(half); half /= 2) sizes.push(half);
  const windows = new Map<number, Window[]>(sizes.map((size) => [size, []]));
  let documentStart = 0;
  documentEnds.forEach((end, document) => {
    const firstPredicted = documentStart + (given?.[document] ?? 0);
    // The first window is the short one where there is a context, so that what is predicted has a long one.
    const short = given === undefined ? 0 : (end - documentStart) % largest;
    for (let start = documentStart; start < end;) {
      const most = start === documentStart && short > 0 ? short : largest;
      const length = Math.min(most, end - start);
      if (start + length > firstPredicted) {
        const window = { document, start, length, given: Math.max(0, firstPredicted - start) };
        windows.get(sizes.findLast((size) => size >= length)!)!.push(window);
      }
      start += length;
    }
    documentStart = end;
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
