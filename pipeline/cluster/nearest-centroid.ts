import { bestEngine, openEngine, type EngineName } from "./engine.ts";

/** Centroids that no longer move. */
export interface Centroids {
  /** Row-major, clusters * dimension. */
  readonly data: Float32Array;
  readonly clusters: number;
  readonly dimension: number;
}

interface NearestCentroids {
  /** Nearest centroid of each row. */
  readonly clusters: Uint32Array;
  /** Euclidean distance to it, from float64 differences. */
  readonly distances: Float32Array;
}

/** Finds the nearest centroid of rows (row-major, rows * dimension, not in shared memory). */
export interface NearestCentroid {
  find(points: Float32Array): Promise<NearestCentroids>;
  close(): Promise<void>;
}

/** Rows of a block: with its scores it stays within a core's cache. */
const maxBlockRows = 1024;

/**
 * The exact one: scores of all centroids by the cluster engine's matrix product, the lowest index of equal ones.
 *
 * Scores are taken relative to the centroids' mean, so that nothing cancels where they lie close together far from zero.
 */
export async function openExactNearest(
  { data, clusters, dimension }: Centroids,
  engineName?: EngineName,
): Promise<NearestCentroid> {
  const blockRows = Math.max(64, Math.min(maxBlockRows, Math.floor(1_500_000 / (dimension + clusters))));
  const engine = await openEngine(engineName ?? (await bestEngine()), {
    dim: dimension,
    clusters,
    blockRows,
  });
  const origin = meanRow(data, clusters, dimension);
  const centred = new Float32Array(data.length);
  const biases = new Float32Array(clusters);
  for (let k = 0; k < clusters; k++) {
    let bias = 0;
    for (let j = 0, at = k * dimension; j < dimension; j++, at++) {
      const value = Math.fround(data[at]! - origin[j]!);
      centred[at] = value;
      bias -= value * (value / 2 + origin[j]!);
    }
    biases[k] = bias;
  }
  engine.load(centred, biases);
  return {
    async find(points) {
      const rows = points.length / dimension;
      const found = new Uint32Array(rows);
      for (let first = 0; first < rows; first += blockRows) {
        const count = Math.min(blockRows, rows - first);
        await engine.nearest(points.subarray(first * dimension, (first + count) * dimension), count);
        found.set(engine.labels.subarray(0, count), first);
      }
      return { clusters: found, distances: distancesTo(points, found, data, dimension) };
    },
    close: () => engine.close(),
  };
}

/** Euclidean distance of every row to the centroid it was given. */
export function distancesTo(
  points: Float32Array,
  clusters: Uint32Array,
  centroids: Float32Array,
  dimension: number,
): Float32Array {
  return Float32Array.from(clusters, (cluster, row) => {
    let squared = 0;
    for (let j = 0, at = row * dimension, own = cluster * dimension; j < dimension; j++) {
      const offset = points[at + j]! - centroids[own + j]!;
      squared += offset * offset;
    }
    return Math.sqrt(squared);
  });
}

/** First row with a value that is not finite; -1 if there is none. */
export function firstBadRow(points: Float32Array, dimension: number): number {
  const at = points.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? -1 : Math.floor(at / dimension);
}

function meanRow(data: Float32Array, rows: number, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  for (let i = 0; i < data.length; i++) sums[i % dimension]! += data[i]!;
  return Float32Array.from(sums, (sum) => sum / rows);
}
