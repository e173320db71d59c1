import hnswlib from "hnswlib-node";

export interface DuplicateQuery {
  /** Row-major, rows * dimension, rows of length 1. */
  readonly vectors: Float32Array;
  readonly dimension: number;
  /** Rows that take part, ascending. */
  readonly rows: readonly number[];
  /** From this cosine on, two documents are the same. */
  readonly minCosine: number;
}

/** Links per element, candidates while building, and while searching. */
const links = 16;
const buildCandidates = 200;
const searchCandidates = 64;

/**
 * Semantic near duplicates (SemDeDup, Abbas et al. 2023), across clusters too: rows are looked at in their order, and one
 * whose nearest kept row is at least that near is a duplicate of it; any other is kept. The nearest is found through an
 * HNSW graph of the kept rows, which may miss a few; the same vectors give the same answers.
 *
 * @returns row to the kept row it duplicates
 */
export function findNearDuplicates({
  vectors,
  dimension,
  rows,
  minCosine,
}: DuplicateQuery): Map<number, number> {
  const graph = new hnswlib.HierarchicalNSW("ip", dimension);
  graph.initIndex(Math.max(1, rows.length), links, buildCandidates, 100);
  graph.setEf(searchCandidates);
  const duplicates = new Map<number, number>();
  for (const row of rows) {
    const vector = [...vectors.subarray(row * dimension, (row + 1) * dimension)];
    if (graph.getCurrentCount() > 0) {
      const { neighbors, distances } = graph.searchKnn(vector, 1);
      if (1 - distances[0]! >= minCosine) {
        duplicates.set(row, neighbors[0]!);
        continue;
      }
    }
    graph.addPoint(vector, row);
  }
  return duplicates;
}

/** The same by looking at every kept row; of equally near ones the first. */
export function plainNearDuplicates({
  vectors,
  dimension,
  rows,
  minCosine,
}: DuplicateQuery): Map<number, number> {
  const kept: number[] = [];
  const duplicates = new Map<number, number>();
  for (const row of rows) {
    let nearest = -1;
    let largest = Number.NEGATIVE_INFINITY;
    for (const other of kept) {
      let cosine = 0;
      for (let j = 0; j < dimension; j++)
        cosine += vectors[row * dimension + j]! * vectors[other * dimension + j]!;
      if (cosine > largest) {
        largest = cosine;
        nearest = other;
      }
    }
    if (largest >= minCosine) duplicates.set(row, nearest);
    else kept.push(row);
  }
  return duplicates;
}
