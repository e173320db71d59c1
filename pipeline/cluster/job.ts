import {
  sharedFloat32,
  sharedFloat64,
  sharedInt32,
  sharedInt8,
  sharedUint32,
  type PointSource,
} from "./points.ts";

const defaultCacheBytes = 2 ** 29;

/** Not yet in any cluster. */
const unassigned = 0xffffffff;

/**
 * What the main thread and the workers share while one k-means runs. Blocks of rows are the unit of work;
 * their size depends on the shapes alone, so that every result is independent of the number of workers.
 *
 * Scores are taken relative to a point inside the data (`origin`): with c' = c - origin and
 * bias = -|c'|^2 / 2 - c' . origin,  |x - c|^2 = |x - origin|^2 - 2 (x . c' + bias),
 * so the points need not be centred and yet nothing cancels when they lie far from zero.
 */
export interface Job {
  readonly points: PointSource;
  readonly clusters: number;
  readonly blockRows: number;
  readonly blocks: number;
  /** Bytes of points that all threads together may keep in memory between passes. */
  readonly cacheBytes: number;
  /** dim */
  readonly origin: Float32Array<SharedArrayBuffer>;
  /** clusters * dim */
  readonly centroids: Float32Array<SharedArrayBuffer>;
  /** Centroids less the origin, clusters * dim. */
  readonly centred: Float32Array<SharedArrayBuffer>;
  /** clusters */
  readonly biases: Float32Array<SharedArrayBuffer>;
  /** The same in eight bits, if passes may use them. */
  readonly coded: CodedCentroids | undefined;
  /** rows */
  readonly assignments: Uint32Array<SharedArrayBuffer>;
  /** Euclidean, rows; filled by the pass `measure`. */
  readonly distances: Float32Array<SharedArrayBuffer>;
  /** One sum a block, added up in block order by the main thread. */
  readonly blockSums: Float64Array<SharedArrayBuffer>;
  /** [number of the pass, 1 to stop] */
  readonly control: Int32Array<SharedArrayBuffer>;
  /** Number of the last pass each block was taken in. */
  readonly claims: Int32Array<SharedArrayBuffer>;
}

/** Centroids in eight bits: see quantise.ts. */
export interface CodedCentroids {
  /** Clusters, and as many as make them a multiple of sixteen: columns that no point is nearest to. */
  readonly columns: number;
  /** dim * columns: transposed, as the matrix product wants it. */
  readonly codes: Int8Array<SharedArrayBuffer>;
  /** What one unit of the product of the codes is worth; this and the others: columns. */
  readonly scales: Float32Array<SharedArrayBuffer>;
  readonly biases: Float32Array<SharedArrayBuffer>;
  /** Lengths of the centred centroids. */
  readonly norms: Float32Array<SharedArrayBuffer>;
  /** Lengths of what their codes leave out. */
  readonly errors: Float32Array<SharedArrayBuffer>;
}

/** One thread's changes of the clusters' sums and counts in a pass. */
export interface Changes {
  /** clusters * dim */
  readonly sums: Float64Array<SharedArrayBuffer>;
  /** clusters */
  readonly counts: Int32Array<SharedArrayBuffer>;
}

export interface JobOptions {
  readonly cacheBytes?: number;
  /** Some passes will use eight-bit arithmetic. */
  readonly eightBit?: boolean;
}

export function createJob(
  points: PointSource,
  clusters: number,
  { cacheBytes = defaultCacheBytes, eightBit = false }: JobOptions = {},
): Job {
  const { rows, dim } = points;
  const blockRows = blockRowsFor(rows, dim, clusters);
  const blocks = Math.ceil(rows / blockRows);
  return {
    points,
    clusters,
    blockRows,
    blocks,
    cacheBytes,
    origin: sharedFloat32(dim),
    centroids: sharedFloat32(clusters * dim),
    centred: sharedFloat32(clusters * dim),
    biases: sharedFloat32(clusters),
    coded: eightBit ? createCoded(dim, clusters) : undefined,
    assignments: sharedUint32(rows).fill(unassigned),
    distances: sharedFloat32(rows),
    blockSums: sharedFloat64(blocks),
    control: sharedInt32(2),
    claims: sharedInt32(blocks),
  };
}

function createCoded(dim: number, clusters: number): CodedCentroids {
  const columns = Math.ceil(clusters / 16) * 16;
  return {
    columns,
    codes: sharedInt8(dim * columns),
    scales: sharedFloat32(columns),
    biases: sharedFloat32(columns).fill(Number.NEGATIVE_INFINITY, clusters),
    norms: sharedFloat32(columns),
    errors: sharedFloat32(columns),
  };
}

export function createChanges(clusters: number, dim: number): Changes {
  return { sums: sharedFloat64(clusters * dim), counts: sharedInt32(clusters) };
}

/**
 * Rows of a block: its points and scores (blockRows * (dim + clusters) float32) stay within about 3 MB,
 * most of which a core's own cache holds, and small inputs still make enough blocks to share out.
 */
function blockRowsFor(rows: number, dim: number, clusters: number): number {
  const cached = Math.floor(750_000 / (dim + clusters));
  return Math.max(64, Math.min(1024, cached, Math.ceil(rows / 32)));
}
