import { BlockCache } from "./block-cache.ts";
import { openInt8Engine, type Engine, type EngineName, type Int8Engine, type Nearest } from "./engine.ts";
import { addRow, subtractRow } from "./exact-sum.ts";
import type { Changes, Job } from "./job.ts";
import { SampleScorer, type Sample } from "./sample-scorer.ts";

/** One walk over all rows, or over the seeding sample. */
export type PassRequest =
  | { readonly pass: "inspect" }
  | {
      readonly pass: "assign";
      readonly rounder: number;
      /** The sums start from nothing: book every row, not only those that moved. */
      readonly fresh: boolean;
      /** Use eight-bit arithmetic, with this quantum for points. */
      readonly quantum?: number;
    }
  | { readonly pass: "measure" }
  | { readonly pass: "take-sample"; readonly sample: Sample }
  | { readonly pass: "score-sample" };

/** What one thread found in its share of the blocks. */
export interface PassReply {
  /** Lowest row with a value that is not finite; Infinity if none. */
  readonly firstBadRow: number;
  /** Largest |value|. */
  readonly largest: number;
  /** Largest |value - origin|. */
  readonly largestOffset: number;
  /** Rows that changed their cluster. */
  readonly moved: number;
  /** Rows whose eight-bit label was compared with the exact one, and how many of them agreed. */
  readonly compared: number;
  readonly agreed: number;
}

/** Every so many blocks of an eight-bit pass, from the first on, the exact labels are found too. */
const compareEvery = 100;

/** Does one thread's share of every pass: in a worker thread, or in the main thread for small inputs. */
export class PassWorker {
  readonly #job: Job;
  readonly #engineName: EngineName;
  readonly #engine: Engine;
  readonly #changes: Changes;
  readonly #cache: BlockCache;
  /** This thread is number `index` of `of`. */
  readonly #index: number;
  readonly #of: number;
  #int8Engine: Int8Engine | undefined;
  #scorer: SampleScorer | undefined;

  constructor(
    job: Job,
    { engineName, engine }: { engineName: EngineName; engine: Engine },
    changes: Changes,
    index: number,
    of: number,
  ) {
    this.#job = job;
    this.#engineName = engineName;
    this.#engine = engine;
    this.#changes = changes;
    this.#cache = new BlockCache(job, index, of);
    this.#index = index;
    this.#of = of;
  }

  async run(request: PassRequest): Promise<PassReply> {
    const reply = { firstBadRow: Infinity, largest: 0, largestOffset: 0, moved: 0, compared: 0, agreed: 0 };
    const job = this.#job;
    switch (request.pass) {
      case "inspect":
        await this.#eachBlock((block, first, rows) => {
          const found = inspectBlock(job, this.#cache.points(block), block, first, rows);
          reply.firstBadRow = Math.min(reply.firstBadRow, found.firstBadRow);
          reply.largest = Math.max(reply.largest, found.largest);
          reply.largestOffset = Math.max(reply.largestOffset, found.largestOffset);
        });
        break;
      case "assign": {
        const { rounder, fresh, quantum } = request;
        this.#scorer = undefined;
        this.#changes.sums.fill(0);
        this.#changes.counts.fill(0);
        this.#engine.load(job.centred, job.biases);
        const int8 = quantum === undefined ? undefined : await this.#loadInt8();
        await this.#eachBlock(async (block, first, rows) => {
          if (int8 === undefined) await this.#engine.nearest(this.#cache.points(block), rows);
          else await int8.nearest(this.#cache.codes(block, quantum!), rows);
          if (int8 !== undefined && block % compareEvery === 0) {
            await this.#engine.nearest(this.#cache.points(block), rows);
            reply.compared += rows;
            reply.agreed += countEqual(int8.labels, this.#engine.labels, rows);
          }
          reply.moved += this.#book(int8 ?? this.#engine, block, first, rows, rounder, fresh);
        });
        break;
      }
      case "measure":
        await this.#eachBlock((block, first, rows) =>
          measureBlock(job, this.#cache.points(block), block, first, rows),
        );
        break;
      case "take-sample":
        this.#scorer = new SampleScorer(request.sample, this.#engine, job.blockRows, this.#index, this.#of);
        break;
      case "score-sample":
        await this.#scorer?.score();
        break;
    }
    return reply;
  }

  async close(): Promise<void> {
    this.#cache.close();
    await this.#int8Engine?.close();
  }

  async #loadInt8(): Promise<Int8Engine> {
    const { coded, clusters, blockRows, points } = this.#job;
    if (coded === undefined) throw new RangeError("the job was made without eight-bit centroids");
    this.#int8Engine ??= await openInt8Engine(this.#engineName, { dim: points.dim, clusters, blockRows });
    this.#int8Engine.load(coded.codes, coded.scales, coded.biases);
    return this.#int8Engine;
  }

  /**
   * Take over the block's labels and add up rows where they go, and take them away where they were; the
   * block's sum is that of the best scores.
   *
   * @returns the number of rows that moved
   */
  #book(
    { labels, scores }: Nearest,
    block: number,
    first: number,
    rows: number,
    rounder: number,
    fresh: boolean,
  ): number {
    const { assignments, blockSums, points } = this.#job;
    const { sums, counts } = this.#changes;
    const { dim } = points;
    let moved = 0;
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      sum += scores[i]!;
      if (labels[i] !== assignments[first + i]) moved++;
    }
    blockSums[block] = sum;
    if (moved === 0 && !fresh) return 0;
    // Reading a few rows alone is cheaper than reading the block again, if it is not kept.
    const whole = fresh || moved * 8 > rows ? this.#cache.points(block) : undefined;
    for (let i = 0; i < rows; i++) {
      const label = labels[i]!;
      const before = assignments[first + i]!;
      if (label === before && !fresh) continue;
      const row = whole ?? this.#cache.row(block, i);
      const at = whole === undefined ? 0 : i * dim;
      assignments[first + i] = label;
      counts[label]! += 1;
      addRow(sums, label * dim, row, at, dim, rounder);
      if (fresh) continue;
      counts[before]! -= 1;
      subtractRow(sums, before * dim, row, at, dim, rounder);
    }
    return moved;
  }

  /**
   * Blocks go to whoever is free, each thread beginning with its own stretch: no result depends on which
   * thread did which.
   */
  async #eachBlock(
    work: (block: number, first: number, rows: number) => void | Promise<void>,
  ): Promise<void> {
    const { control, claims, blocks, blockRows, points } = this.#job;
    const pass = Atomics.load(control, 0);
    for (let step = 0; step < blocks; step++) {
      const block = (this.#cache.firstBlock + step) % blocks;
      if (Atomics.exchange(claims, block, pass) === pass) continue;
      if (Atomics.load(control, 1) === 1) return;
      const first = block * blockRows;
      await work(block, first, Math.min(blockRows, points.rows - first));
    }
  }
}

function countEqual(a: Uint32Array, b: Uint32Array, count: number): number {
  let equal = 0;
  for (let i = 0; i < count; i++) if (a[i] === b[i]) equal++;
  return equal;
}

/** Finds bad rows and the largest values; the block's sum is that of |x - origin|^2. */
function inspectBlock(
  { points: { dim }, origin, blockSums }: Job,
  data: Float32Array,
  block: number,
  first: number,
  rows: number,
) {
  let firstBadRow = Infinity;
  let largest = 0;
  let largestOffset = 0;
  let sum = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    // No square of a finite float32 overflows, so that this is finite exactly where all values are.
    let squared = 0;
    for (let j = 0; j < dim; j++, at++) {
      const value = data[at]!;
      if (Math.abs(value) > largest) largest = Math.abs(value);
      const offset = value - origin[j]!;
      if (Math.abs(offset) > largestOffset) largestOffset = Math.abs(offset);
      squared += offset * offset;
    }
    if (!Number.isFinite(squared) && firstBadRow === Infinity) firstBadRow = first + row;
    sum += squared;
  }
  blockSums[block] = sum;
  return { firstBadRow, largest, largestOffset };
}

/** Distance of each row to its own centroid, in float64 from the values themselves; the block's sum is their squares'. */
function measureBlock(
  { points: { dim }, assignments, centroids, distances, blockSums }: Job,
  data: Float32Array,
  block: number,
  first: number,
  rows: number,
): void {
  let sum = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    const own = assignments[first + row]! * dim;
    let squared = 0;
    for (let j = 0; j < dim; j++, at++) {
      const offset = data[at]! - centroids[own + j]!;
      squared += offset * offset;
    }
    distances[first + row] = Math.sqrt(squared);
    sum += squared;
  }
  blockSums[block] = sum;
}
