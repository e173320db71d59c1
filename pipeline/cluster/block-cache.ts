import type { Job } from "./job.ts";
import { openPointReader, type PointReader } from "./point-reader.ts";
import { quantisePoints } from "./quantise.ts";

/**
 * One thread's blocks of points, as float32 and as eight-bit codes, read when they are first needed and kept
 * as long as the thread's share of job.cacheBytes lasts: engines cannot read shared memory, and what is kept
 * is neither read nor quantised again. Only blocks of the thread's own stretch are kept; those it takes from
 * others pass through.
 */
export class BlockCache {
  readonly #job: Job;
  readonly #reader: PointReader;
  /** Blocks of this thread's stretch: [from, to). */
  readonly #from: number;
  readonly #to: number;
  readonly #points = new Map<number, Float32Array>();
  readonly #codes = new Map<number, Uint8Array>();
  readonly #passing: Float32Array;
  #passingCodes: Uint8Array | undefined;
  /** Bytes that may still be kept; codes come out of their own part, which is set aside first. */
  #freeForPoints: number;
  #freeForCodes: number;
  /** The block whose points lie in #passing. */
  #passingBlock = -1;

  /** For thread `index` of `of`. */
  constructor(job: Job, index: number, of: number) {
    this.#job = job;
    this.#reader = openPointReader(job.points);
    this.#from = Math.floor((index * job.blocks) / of);
    this.#to = Math.floor(((index + 1) * job.blocks) / of);
    const share = Math.floor(job.cacheBytes / of);
    const codes = (this.#to - this.#from) * job.blockRows * job.points.dim;
    this.#freeForCodes = job.coded === undefined ? 0 : Math.min(share, codes);
    this.#freeForPoints = share - this.#freeForCodes;
    this.#passing = new Float32Array(job.blockRows * job.points.dim);
  }

  /** Where this thread starts to take blocks. */
  get firstBlock(): number {
    return this.#from;
  }

  /** The block's points, row-major, to be read until the next call. */
  points(block: number): Float32Array {
    const kept = this.#points.get(block);
    if (kept !== undefined) return kept;
    const values = this.#rows(block) * this.#job.points.dim;
    if (this.#passingBlock === block) return this.#passing.subarray(0, values);
    const bytes = values * Float32Array.BYTES_PER_ELEMENT;
    const keep = this.#isOwn(block) && bytes <= this.#freeForPoints;
    if (keep) this.#freeForPoints -= bytes;
    const into = keep ? new Float32Array(values) : this.#passing.subarray(0, values);
    this.#reader.read(block * this.#job.blockRows, this.#rows(block), into);
    if (keep) this.#points.set(block, into);
    else this.#passingBlock = block;
    return into;
  }

  /** One row's points, where its block is not needed whole. */
  row(block: number, index: number): Float32Array {
    const { dim } = this.#job.points;
    const whole = this.#points.get(block) ?? (this.#passingBlock === block ? this.#passing : undefined);
    if (whole !== undefined) return whole.subarray(index * dim, (index + 1) * dim);
    return this.#reader.row(block * this.#job.blockRows + index);
  }

  /** The block's codes, row-major, to be read until the next call. */
  codes(block: number, quantum: number): Uint8Array {
    const kept = this.#codes.get(block);
    if (kept !== undefined) return kept;
    const length = this.#rows(block) * this.#job.points.dim;
    const keep = this.#isOwn(block) && length <= this.#freeForCodes;
    if (keep) this.#freeForCodes -= length;
    const codes = keep
      ? new Uint8Array(length)
      : (this.#passingCodes ??= new Uint8Array(this.#passing.length)).subarray(0, length);
    quantisePoints(this.points(block), this.#job.origin, quantum, codes);
    if (keep) this.#codes.set(block, codes);
    return codes;
  }

  close(): void {
    this.#reader.close();
  }

  #rows(block: number): number {
    const { blockRows, points } = this.#job;
    return Math.min(blockRows, points.rows - block * blockRows);
  }

  #isOwn(block: number): boolean {
    return block >= this.#from && block < this.#to;
  }
}
