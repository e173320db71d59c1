import hnswlib from "hnswlib-node";

export interface Neighbour {
  /** Row of the indexed vectors. */
  readonly row: number;
  readonly cosine: number;
}

export interface NeighbourQuery {
  /** Row-major, rows * dimension, rows of length 1: what is searched. */
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly neighbours: number;
  /** Neighbours further away are not returned. */
  readonly minCosine: number;
}

/** Links per element and candidates while building: hnswlib's defaults for recall above .99 at this size. */
const links = 16;
const buildCandidates = 200;
/** Candidates while searching, at least. */
const searchCandidates = 64;

/**
 * Approximate nearest neighbours through an HNSW graph (Malkov & Yashunin 2016). Rows are added one by one in
 * order and levels are drawn from a fixed seed, so the same vectors give the same answers.
 *
 * @returns a function from a query vector (length dimension) to its neighbours, nearest first
 */
export function indexNeighbours({ vectors, dimension, neighbours, minCosine }: NeighbourQuery) {
  const rows = vectors.length / dimension;
  const index = new hnswlib.HierarchicalNSW("ip", dimension);
  index.initIndex(rows, links, buildCandidates, 100);
  for (let row = 0; row < rows; row++) {
    index.addPoint([...vectors.subarray(row * dimension, (row + 1) * dimension)], row);
  }
  const count = Math.min(neighbours, rows);
  index.setEf(Math.max(searchCandidates, 2 * count));
  return (query: Float32Array): Neighbour[] => {
    const found = index.searchKnn([...query], count);
    return found.neighbors
      .map((row, rank) => ({ row, cosine: 1 - found.distances[rank]! }))
      .filter(({ cosine }) => cosine >= minCosine)
      .sort((left, right) => right.cosine - left.cosine || left.row - right.row);
  };
}

/** The same by looking at every row: the reference, and the choice for a handful of rows. */
export function exactNeighbours({ vectors, dimension, neighbours, minCosine }: NeighbourQuery) {
  const rows = vectors.length / dimension;
  return (query: Float32Array): Neighbour[] => {
    const all: Neighbour[] = [];
    for (let row = 0; row < rows; row++) {
      let cosine = 0;
      for (let column = 0; column < dimension; column++)
        cosine += vectors[row * dimension + column]! * query[column]!;
      if (cosine >= minCosine) all.push({ row, cosine });
    }
    return all.sort((left, right) => right.cosine - left.cosine || left.row - right.row).slice(0, neighbours);
  };
}
