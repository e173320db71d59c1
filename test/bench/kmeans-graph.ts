/**
 * From how many clusters on an HNSW graph over the centroids beats the exact matrix product for putting new documents into
 * clusters (climb assign), on one core each, with as many candidates as a recall of .99 takes. Building the graph, once a model, is
 * timed apart.
 */
import { join } from "node:path";
import { openExactNearest } from "../../pipeline/cluster/nearest-centroid.ts";
import { openGraphNearest, writeCentroidGraph } from "../../pipeline/cluster/nearest-centroid-graph.ts";
import { openPointFiles, openPointReader } from "../../pipeline/cluster/point-reader.ts";
import { Random } from "../../pipeline/math/random.ts";
import type { BenchRow } from "./bench-row.ts";

const documents = 3000;
const leastRecall = 0.99;

/** @param shards with more rows than the largest number of clusters: centroids and documents are drawn from them */
export async function graphRows(
  directory: string,
  shards: readonly string[],
  sizes: readonly number[],
): Promise<BenchRow[]> {
  const source = await openPointFiles(shards);
  const reader = openPointReader(source);
  const most = Math.max(...sizes);
  const drawn = new Random("graph").sampleWithoutReplacement(source.rows, most + documents);
  const rows = new Float32Array(drawn.length * source.dim);
  drawn.forEach((row, i) => rows.set(reader.row(row), i * source.dim));
  reader.close();
  const points = rows.slice(most * source.dim);

  const table: BenchRow[] = [];
  const ratios: { clusters: number; ratio: number; recall: number }[] = [];
  for (const clusters of sizes) {
    const centroids = {
      data: rows.slice(0, clusters * source.dim),
      clusters,
      dimension: source.dim,
    };
    const path = join(directory, `graph-${clusters}`);
    const [build] = await cpuSeconds(() => writeCentroidGraph(centroids, path));
    const exact = await openExactNearest(centroids);
    const [byProduct, truth] = await best(() => exact.find(points));
    await exact.close();
    let [candidates, byGraph, recall] = [8, 0, 0];
    while (recall < leastRecall && candidates < 256) {
      candidates *= 2;
      const graph = await openGraphNearest(centroids, path, candidates);
      const [seconds, { clusters: found }] = await best(() => graph.find(points));
      await graph.close();
      byGraph = seconds;
      recall = truth.clusters.filter((cluster, i) => cluster === found[i]).length / documents;
    }
    const name = `hnsw ${source.dim} dimensions, K = ${clusters}, ${candidates} candidates`;
    const [ours, peer] = [documents / byGraph, documents / byProduct];
    const plain = { peer: null, peerName: null, ratio: null, target: null, met: null };
    table.push(
      {
        ...plain,
        case: name,
        metric: "assigned",
        unit: "documents / CPU s",
        ours,
        peer,
        peerName: "matrix product",
        ratio: ours / peer,
      },
      {
        ...plain,
        case: name,
        metric: "recall",
        unit: "",
        ours: recall,
        target: leastRecall,
        met: recall >= leastRecall,
      },
      { ...plain, case: name, metric: "building the graph", unit: "CPU s", ours: build },
    );
    ratios.push({ clusters, ratio: ours / peer, recall });
  }
  for (const [i, to] of ratios.entries()) {
    const from = ratios[i - 1];
    if (from === undefined || from.ratio >= 1 || to.ratio < 1) continue;
    // Both costs grow like powers of K.
    const part = Math.log(from.ratio) / Math.log(from.ratio / to.ratio);
    table.push({
      case: `hnsw ${source.dim} dimensions`,
      metric: "as fast as the matrix product",
      unit: "clusters",
      ours: Math.round(from.clusters * (to.clusters / from.clusters) ** part),
      peer: null,
      peerName: null,
      ratio: null,
      target: null,
      met: null,
    });
  }
  return table;
}

async function best<Result>(work: () => Promise<Result>): Promise<[number, Result]> {
  const [first] = await cpuSeconds(work);
  const [second, result] = await cpuSeconds(work);
  return [Math.min(first, second), result];
}

async function cpuSeconds<Result>(work: () => Promise<Result>): Promise<[number, Result]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1e6, result];
}
