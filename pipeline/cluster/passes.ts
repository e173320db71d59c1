import type { Engine } from "./engine.ts";
import { addRow, subtractRow } from "./exact-sum.ts";
import { unassigned, type Changes, type Job } from "./job.ts";
import { SampleScorer, type Sample } from "./sample-scorer.ts";

/** One walk over all rows, or over the seeding sample. */
export type PassRequest =
  | { readonly pass: "inspect" }
  | { readonly pass: "assign"; readonly rounder: number }
  | { readonly pass: "measure" }
  | { readonly pass: "take-sample"; readonly sample: Sample }
  | { readonly pass: "score-sample" };

/** What one thread found in its share of the blocks. */
export interface PassReply {
  /** Lowest row with a value that is not finite; Infinity if none. */
  readonly firstBadRow: number;
  /** Largest |value|. */
  readonly largest: number;
  /** Rows that changed their cluster. */
  readonly moved: number;
}

/** Does one thread's share of every pass: in a worker thread, or in the main thread for small inputs. */
export class PassWorker {
  readonly #job: Job;
  readonly #engine: Engine;
  readonly #changes: Changes;
  /** This thread is number `index` of `of`. */
  readonly #index: number;
  readonly #of: number;
  #scorer: SampleScorer | undefined;

  constructor(job: Job, engine: Engine, changes: Changes, index: number, of: number) {
    this.#job = job;
    this.#engine = engine;
    this.#changes = changes;
    this.#index = index;
    this.#of = of;
  }

  async run(request: PassRequest): Promise<PassReply> {
    let firstBadRow = Infinity;
    let largest = 0;
    let moved = 0;
    switch (request.pass) {
      case "inspect":
        await this.#eachBlock((block, first, rows) => {
          const found = inspectBlock(this.#job, block, first, rows);
          firstBadRow = Math.min(firstBadRow, found.firstBadRow);
          largest = Math.max(largest, found.largest);
        });
        break;
      case "assign":
        this.#scorer = undefined;
        this.#changes.sums.fill(0);
        this.#changes.counts.fill(0);
        this.#engine.load(this.#job.centred, this.#job.biases);
        await this.#eachBlock(async (block, first, rows) => {
          moved += await assignBlock(
            this.#job,
            this.#engine,
            this.#changes,
            block,
            first,
            rows,
            request.rounder,
          );
        });
        break;
      case "measure":
        await this.#eachBlock((block, first, rows) => measureBlock(this.#job, block, first, rows));
        break;
      case "take-sample":
        this.#scorer = new SampleScorer(
          request.sample,
          this.#engine,
          this.#job.blockRows,
          this.#index,
          this.#of,
        );
        break;
      case "score-sample":
        await this.#scorer?.score();
        break;
    }
    return { firstBadRow, largest, moved };
  }

  /** Blocks go to whoever is free: no result depends on which thread did which. */
  async #eachBlock(
    work: (block: number, first: number, rows: number) => void | Promise<void>,
  ): Promise<void> {
    const { control, blocks, blockRows, points } = this.#job;
    for (;;) {
      const block = Atomics.add(control, 0, 1);
      if (block >= blocks || Atomics.load(control, 1) === 1) return;
      const first = block * blockRows;
      await work(block, first, Math.min(blockRows, points.rows - first));
    }
  }
}

/** Finds bad rows and the largest value; the block's sum is that of |x - origin|^2. */
function inspectBlock({ points, origin, blockSums }: Job, block: number, first: number, rows: number) {
  const { data, dim } = points;
  let firstBadRow = Infinity;
  let largest = 0;
  let sum = 0;
  for (let row = first; row < first + rows; row++) {
    // No square of a finite float32 overflows, so that this is finite exactly where all values are.
    let squared = 0;
    for (let j = 0, at = row * dim; j < dim; j++, at++) {
      const value = data[at]!;
      if (Math.abs(value) > largest) largest = Math.abs(value);
      const offset = value - origin[j]!;
      squared += offset * offset;
    }
    if (!Number.isFinite(squared) && row < firstBadRow) firstBadRow = row;
    sum += squared;
  }
  blockSums[block] = sum;
  return { firstBadRow, largest };
}

/** Assigns the block's rows and books those that moved; the block's sum is that of the best scores. */
async function assignBlock(
  job: Job,
  engine: Engine,
  changes: Changes,
  block: number,
  first: number,
  rows: number,
  rounder: number,
): Promise<number> {
  const { points, assignments } = job;
  const { dim } = points;
  const { batch, labels, scores } = engine;
  batch.set(points.data.subarray(first * dim, (first + rows) * dim));
  await engine.nearest(rows);
  let moved = 0;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    sum += scores[i]!;
    const label = labels[i]!;
    const before = assignments[first + i]!;
    if (label === before) continue;
    moved++;
    assignments[first + i] = label;
    changes.counts[label]! += 1;
    addRow(changes.sums, label * dim, batch, i * dim, dim, rounder);
    if (before === unassigned) continue;
    changes.counts[before]! -= 1;
    subtractRow(changes.sums, before * dim, batch, i * dim, dim, rounder);
  }
  job.blockSums[block] = sum;
  return moved;
}

/** Distance of each row to its own centroid, in float64 from the values themselves; the block's sum is their squares'. */
function measureBlock(job: Job, block: number, first: number, rows: number): void {
  const { points, assignments, centroids, distances, blockSums } = job;
  const { data, dim } = points;
  let sum = 0;
  for (let row = first; row < first + rows; row++) {
    const own = assignments[row]! * dim;
    const start = row * dim;
    let squared = 0;
    for (let j = 0; j < dim; j++) {
      const offset = data[start + j]! - centroids[own + j]!;
      squared += offset * offset;
    }
    distances[row] = Math.sqrt(squared);
    sum += squared;
  }
  blockSums[block] = sum;
}
