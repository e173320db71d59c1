import { setImmediate as nextTurn } from "node:timers/promises";
import { InterruptedError } from "../core/errors.ts";
import type { HoldoutConfig } from "../schema/corpus-config.ts";
import { indexNeighbours } from "./near-neighbours.ts";
import { overlapShare, shingles } from "./shingles.ts";

export interface Contamination {
  /** Row of the training document. */
  readonly row: number;
  readonly id: string;
  readonly targetId: string;
  /** Share of the shorter text's word 5-grams that both have; 1 for the same text. */
  readonly overlap: number;
}

interface FindContaminatedInput {
  readonly training: { readonly vectors: Float32Array; readonly ids: readonly string[] };
  readonly targets: {
    readonly vectors: Float32Array;
    readonly ids: readonly string[];
    readonly texts: readonly string[];
  };
  readonly dimension: number;
  /** Texts of training rows, in the order asked for; called with many rows at once. */
  readonly textsOf: (rows: readonly number[]) => Promise<string[]>;
  readonly holdout: HoldoutConfig;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Candidate rows whose texts are held in memory at once. */
const batchRows = 4096;
/** Queries between two looks at the signal. */
const queriesPerTurn = 512;

/**
 * Training documents that nearly duplicate a target document: by id (a hash of the text), or close by embedding
 * and overlapping in text. The small set, the targets, is indexed and every training document asks it.
 *
 * @throws InterruptedError when the signal fires
 * @returns ascending by row, each row once, with the target document it overlaps most
 */
export async function findContaminated(input: FindContaminatedInput): Promise<Contamination[]> {
  const { training, targets, dimension, textsOf, holdout, signal, onProgress } = input;
  const targetRows = new Map(targets.ids.map((id, row) => [id, row]));
  const near = indexNeighbours({ ...holdout, vectors: targets.vectors, dimension });

  const found = new Map<number, Contamination>();
  const candidates: { row: number; targets: number[] }[] = [];
  for (const [row, id] of training.ids.entries()) {
    if (row % queriesPerTurn === 0) {
      await nextTurn();
      if (signal.aborted) throw new InterruptedError();
      onProgress(row, training.ids.length);
    }
    if (targetRows.has(id)) {
      found.set(row, { row, id, targetId: id, overlap: 1 });
      continue;
    }
    const close = near(training.vectors.subarray(row * dimension, (row + 1) * dimension));
    if (close.length > 0) candidates.push({ row, targets: close.map((neighbour) => neighbour.row) });
  }

  const targetShingles = new Map<number, Set<string>>();
  const shinglesOf = (target: number): Set<string> => {
    let set = targetShingles.get(target);
    if (set === undefined) targetShingles.set(target, (set = shingles(targets.texts[target]!)));
    return set;
  };
  for (let start = 0; start < candidates.length; start += batchRows) {
    if (signal.aborted) throw new InterruptedError();
    const batch = candidates.slice(start, start + batchRows);
    const texts = await textsOf(batch.map(({ row }) => row));
    batch.forEach(({ row, targets: close }, index) => {
      const own = shingles(texts[index]!);
      let best: Contamination | undefined;
      for (const target of close) {
        const overlap = overlapShare(own, shinglesOf(target));
        if (overlap < holdout.maxOverlap || overlap <= (best?.overlap ?? 0)) continue;
        best = { row, id: training.ids[row]!, targetId: targets.ids[target]!, overlap };
      }
      if (best !== undefined) found.set(row, best);
    });
  }
  return [...found.values()].sort((left, right) => left.row - right.row);
}
