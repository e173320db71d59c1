import type { BlockCodes } from "./block-cache.ts";
import type { CodeKernels } from "./code-kernels.ts";
import type { Int8Engine, Nearest } from "./engine.ts";
import type { CodedCentroids } from "./job.ts";
import { roughness, type RowKernels } from "./row-kernels.ts";

/** Beyond this share of all centroids on a list, the float32 product of all of them is cheaper. */
export const longestList = 1 / 16;

/**
 * Bound of the float32 steps between a row and its scores, relative to its length and the centroids': twice the
 * dozen roundings that there are.
 */
const rounding = 2 ** -19;

/** Bound of the relative error of a length: its squares are added up in four parts in float32 (CodeKernels.quantise). */
function lengthError(dim: number): number {
  return (dim / 4 + 8) * 2 ** -24;
}

/** Bound of what a sum of squares may lose where float32 below 2^-126 become 0: as much with each square and with each sum. */
function underflow(dim: number): number {
  return dim * 2 ** -124;
}

/** Scores with longer centroids might not be finite in float32. */
const greatestNorm = 1e18;

/**
 * One thread's assignments by eight-bit codes. Coarse labels are those of the largest score. Exact ones come by way of a
 * shortlist: with u = x - origin and c' = c - origin, u = a + r and c' = b + e where a and b are what the codes stand for,
 *
 *   u . c' - |c'|^2 / 2  =  (a . b - |c'|^2 / 2) + r . c' + a . e,  of which the last two are at most |r| |c'| + |a| |e|,
 *
 * so that only centroids whose score comes that near to the best one can be the nearest. Their distances decide, in float64;
 * of equal ones the lowest index.
 */
export class CodedAssigner implements Nearest {
  readonly labels: Uint32Array;
  readonly #engine: Int8Engine;
  readonly #codeKernels: CodeKernels;
  readonly #rowKernels: RowKernels;
  readonly #dim: number;
  readonly #clusters: number;
  readonly #rough: Float64Array;
  readonly #roughness: number;
  readonly #lengthError: number;
  readonly #underflow: number;
  #longest = 0;

  constructor(
    engine: Int8Engine,
    codeKernels: CodeKernels,
    rowKernels: RowKernels,
    { dim, clusters, blockRows }: { dim: number; clusters: number; blockRows: number },
  ) {
    this.#engine = engine;
    this.#codeKernels = codeKernels;
    this.#rowKernels = rowKernels;
    this.#dim = dim;
    this.#clusters = clusters;
    this.labels = new Uint32Array(blockRows);
    this.#rough = new Float64Array(clusters);
    this.#roughness = roughness(dim);
    this.#lengthError = lengthError(dim);
    this.#underflow = underflow(dim);
  }

  /**
   * Take over the centroids' codes, and for exact labels the centroids themselves (clusters * dim).
   *
   * @returns false if some are so far out that no labels can be had from codes
   */
  load(coded: CodedCentroids, centroids: Float32Array): boolean {
    this.#engine.load(coded.codes);
    this.#codeKernels.load(coded);
    this.#rowKernels.loadCentroids(centroids);
    this.#longest = coded.norms.reduce((longest, norm) => Math.max(longest, norm));
    return this.#longest < greatestNorm;
  }

  async coarse({ codes }: BlockCodes, rows: number): Promise<void> {
    await this.#engine.products(codes, rows);
    for (let row = 0; row < rows; row++) this.labels[row] = this.#codeKernels.best(row);
  }

  /**
   * Exact labels, unless the lists become too long to be worth it: then `labels` are not all set.
   *
   * @param points the block's; rows * dim
   * @returns the length of all lists together, and whether all rows are done
   */
  async exact(
    { codes, squares }: BlockCodes,
    points: Float32Array,
    rows: number,
  ): Promise<{ listed: number; done: boolean }> {
    await this.#engine.products(codes, rows);
    const most = rows * this.#clusters * longestList;
    const { listed: list } = this.#codeKernels;
    let listed = 0;
    for (let row = 0; row < rows; row++) {
      if (listed > most) return { listed, done: false };
      const residual = Math.sqrt(squares[2 * row]! + this.#underflow) * (1 + this.#lengthError);
      const length = Math.sqrt(squares[2 * row + 1]! + this.#underflow) * (1 + this.#lengthError);
      const slack = 2 * rounding * this.#longest * (length + this.#longest) + this.#underflow;
      const count = this.#codeKernels.shortlist(row, residual + rounding * length, length + residual, slack);
      listed += count;
      this.labels[row] = count === 1 ? list[0]! : this.#nearest(points, row * this.#dim, count);
    }
    return { listed, done: true };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  /** Of those on the list; float32 leaves only what is as near as its rounding to float64. */
  #nearest(points: Float32Array, at: number, count: number): number {
    const { listed } = this.#codeKernels;
    let least = Infinity;
    for (let i = 0; i < count; i++) {
      const rough = this.#rowKernels.roughDistance(points, at, listed[i]!);
      this.#rough[i] = rough;
      if (rough < least) least = rough;
    }
    const enough = least * (1 + 3 * this.#roughness) + this.#underflow;
    let nearest = -1;
    let second = false;
    for (let i = 0; i < count; i++) {
      if (this.#rough[i]! > enough) continue;
      if (nearest >= 0) second = true;
      else nearest = listed[i]!;
    }
    if (!second) return nearest;
    least = Infinity;
    for (let i = 0; i < count; i++) {
      if (this.#rough[i]! > enough) continue;
      const squared = this.#rowKernels.distance(points, at, listed[i]!);
      if (squared < least) [nearest, least] = [listed[i]!, squared];
    }
    return nearest;
  }
}
