import type { CodeKernels } from "./code-kernels.ts";
import type { Job } from "./job.ts";
import { openPointReader, type PointReader } from "./point-reader.ts";
import type { RowKernels } from "./row-kernels.ts";

/** What one thread's cache takes: its stretch of blocks, [from, to), and how many values of them it keeps. */
interface CachePlan {
  readonly from: number;
  readonly to: number;
  readonly points: number;
  readonly codes: number;
  readonly squares: number;
}

/** A block's points in eight bits; see CodeKernels.quantise. */
export interface BlockCodes {
  /** rows * dim */
  readonly codes: Uint8Array;
  /** rows * 2 */
  readonly squares: Float32Array;
}

function planFor(job: Job, index: number, of: number): CachePlan {
  const from = Math.floor((index * job.blocks) / of);
  const to = Math.floor(((index + 1) * job.blocks) / of);
  const share = Math.floor(job.cacheBytes / of);
  const { dim } = job.points;
  const stretch = (to - from) * job.blockRows;
  // Codes come out of their own part, which is set aside first.
  const rowBytes = dim + 2 * Float32Array.BYTES_PER_ELEMENT;
  const codedRows = job.coded === undefined ? 0 : Math.min(stretch, Math.floor(share / rowBytes));
  const left = share - codedRows * rowBytes;
  const points = Math.min(stretch * dim, Math.floor(left / Float32Array.BYTES_PER_ELEMENT));
  return { from, to, points, codes: codedRows * dim, squares: codedRows * 2 };
}

/** The values that the cache of thread `index` of `of` will have the kernels allocate. */
export function cacheParts(job: Job, index: number, of: number): number[] {
  const { dim } = job.points;
  return [job.blockRows * dim, dim, planFor(job, index, of).points];
}

/**
 * One thread's blocks of points, as float32 and as eight-bit codes, read when they are first needed and kept
 * as long as the thread's share of job.cacheBytes lasts: engines cannot read shared memory, and what is kept
 * is neither read nor quantised again. Only blocks of the thread's own stretch are kept; those it takes from
 * others pass through.
 */
export class BlockCache {
  readonly #job: Job;
  readonly #reader: PointReader;
  readonly #plan: CachePlan;
  readonly #points: Shelf<Float32Array>;
  readonly #codes: Shelf<Uint8Array>;
  readonly #squares: Shelf<Float32Array>;
  readonly #passing: Float32Array;
  readonly #row: Float32Array;
  #passingCodes: BlockCodes | undefined;
  /** The block whose points lie in #passing. */
  #passingBlock = -1;

  /** For thread `index` of `of`; the points lie where its kernels can read them. */
  constructor(job: Job, index: number, of: number, kernels: Pick<RowKernels, "allocate">) {
    this.#job = job;
    this.#reader = openPointReader(job.points);
    this.#plan = planFor(job, index, of);
    this.#passing = kernels.allocate(job.blockRows * job.points.dim);
    this.#row = kernels.allocate(job.points.dim);
    this.#points = new Shelf(this.#plan.points, (length) => kernels.allocate(length));
    this.#codes = new Shelf(this.#plan.codes, (length) => new Uint8Array(length));
    this.#squares = new Shelf(this.#plan.squares, (length) => new Float32Array(length));
  }

  /** Where this thread starts to take blocks. */
  get firstBlock(): number {
    return this.#plan.from;
  }

  /** The block's points, row-major, to be read until the next call. */
  points(block: number): Float32Array {
    const kept = this.#points.get(block);
    if (kept !== undefined) return kept;
    const values = this.#rows(block) * this.#job.points.dim;
    if (this.#passingBlock === block) return this.#passing.subarray(0, values);
    const place = this.#isOwn(block) ? this.#points.place(block, values) : undefined;
    const into = place ?? this.#passing.subarray(0, values);
    this.#reader.read(block * this.#job.blockRows, this.#rows(block), into);
    if (place === undefined) this.#passingBlock = block;
    return into;
  }

  /** One row's points, where its block is not needed whole, to be read until the next call. */
  row(block: number, index: number): Float32Array {
    const { dim } = this.#job.points;
    const whole = this.#points.get(block) ?? (this.#passingBlock === block ? this.#passing : undefined);
    if (whole !== undefined) return whole.subarray(index * dim, (index + 1) * dim);
    this.#reader.read(block * this.#job.blockRows + index, 1, this.#row);
    return this.#row;
  }

  /** The block's codes, made by these kernels, to be read until the next call. */
  codes(block: number, kernels: Pick<CodeKernels, "quantise">): BlockCodes {
    const kept = this.#codes.get(block);
    if (kept !== undefined) return { codes: kept, squares: this.#squares.get(block)! };
    const rows = this.#rows(block);
    const { codes, squares } = this.#placeOfCodes(block, rows) ?? this.#passingPlaceOfCodes(rows);
    kernels.quantise(this.points(block), rows, codes, squares);
    return { codes, squares };
  }

  close(): void {
    this.#reader.close();
  }

  #placeOfCodes(block: number, rows: number): BlockCodes | undefined {
    if (!this.#isOwn(block)) return undefined;
    const codes = this.#codes.place(block, rows * this.#job.points.dim);
    const squares = this.#squares.place(block, rows * 2);
    // Both have room for as many rows.
    return codes && squares && { codes, squares };
  }

  #passingPlaceOfCodes(rows: number): BlockCodes {
    const { dim } = this.#job.points;
    this.#passingCodes ??= {
      codes: new Uint8Array(this.#passing.length),
      squares: new Float32Array(2 * this.#job.blockRows),
    };
    const { codes, squares } = this.#passingCodes;
    return { codes: codes.subarray(0, rows * dim), squares: squares.subarray(0, rows * 2) };
  }

  #rows(block: number): number {
    const { blockRows, points } = this.#job;
    return Math.min(blockRows, points.rows - block * blockRows);
  }

  #isOwn(block: number): boolean {
    return block >= this.#plan.from && block < this.#plan.to;
  }
}

/**
 * Blocks side by side in one array, whose pages are taken as they are written to. As arrays of their own they
 * would have the garbage collector run every few dozen.
 */
class Shelf<Values extends Float32Array | Uint8Array> {
  readonly #capacity: number;
  readonly #allocate: (length: number) => Values;
  readonly #blocks = new Map<number, Values>();
  #values: Values | undefined;
  #used = 0;

  constructor(capacity: number, allocate: (length: number) => Values) {
    this.#capacity = capacity;
    this.#allocate = allocate;
  }

  get(block: number): Values | undefined {
    return this.#blocks.get(block);
  }

  /** Where the block is to be written, or undefined if there is no place left for it. */
  place(block: number, length: number): Values | undefined {
    if (this.#used + length > this.#capacity) return undefined;
    this.#values ??= this.#allocate(this.#capacity);
    const place = this.#values.subarray(this.#used, this.#used + length) as Values;
    this.#used += length;
    this.#blocks.set(block, place);
    return place;
  }
}
