/**
 * k-means against FAISS and scikit-learn in the same run: same data, same start, same iterations, two
 * threads each. The peers are measured where /usr/bin/python3 has them (apt install python3-faiss
 * python3-sklearn libopenblas0-openmp). Ours reads its points from files, inside the time that is measured;
 * theirs lie in memory before it starts.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { kmeans as mlKmeans } from "ml-kmeans";
import type { KMeansOptions } from "../../pipeline/cluster/kmeans.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import type { BenchRow } from "./bench-row.ts";
import { graphRows } from "./kmeans-graph.ts";
import { newsgroupsRow } from "./kmeans-newsgroups.ts";
import { Measured, peer, peerSgemm, threads } from "./kmeans-peers.ts";
import { writeInitial, writePoints } from "./kmeans-points.ts";

const dim = 384;
const cases = ["float32", "int8", "ml-kmeans", "newsgroups", "memory", "sample", "hnsw"] as const;

/**
 * @param options rows=20000,100000,500000 and clusters=100,1000: what FAISS and scikit-learn are compared at;
 *   cases=float32,int8,ml-kmeans,newsgroups,memory,sample,hnsw: which of the measurements; repeat=2: turns, of
 *   which the best counts; memoryRows=2000000: points of memory and sample, which need 3 GB of disk; graphClusters=1000,...: of hnsw
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const wanted = (options["cases"] ?? "float32,int8,ml-kmeans,newsgroups").split(",");
  for (const name of wanted) {
    if (!(cases as readonly string[]).includes(name))
      throw new RangeError(`cases=${name}: one of ${cases.join(", ")}`);
  }
  const numbers = (key: string, standard: string) => (options[key] ?? standard).split(",").map(Number);
  const repeat = Number(options["repeat"] ?? 2);
  const table: BenchRow[] = [];
  if (wanted.includes("ml-kmeans")) table.push(await inTempDir(againstMlKmeans));
  if (wanted.includes("newsgroups")) table.push(...(await newsgroupsRow()));
  const compared = wanted.filter((name): name is "float32" | "int8" => name === "float32" || name === "int8");
  if (compared.length > 0) {
    const costs: Cost[] = [];
    for (const rows of numbers("rows", "20000,100000,500000")) {
      await inTempDir(async (directory) => {
        const shards = await writePoints(directory, rows, dim);
        for (const clusters of numbers("clusters", "100,1000")) {
          for (const precision of compared) {
            // Eight bits pay over many iterations, for many clusters.
            if (precision === "int8" && clusters < 500) continue;
            table.push(
              ...(await againstPeers({ directory, shards, rows, clusters, precision, repeat, costs })),
            );
          }
        }
      });
    }
    table.push(...slopes(costs));
  }
  if (wanted.includes("hnsw")) {
    const sizes = numbers("graphClusters", "1000,4000,16000,32000");
    table.push(
      ...(await inTempDir(async (directory) =>
        graphRows(directory, await writePoints(directory, 50_000, dim), sizes),
      )),
    );
  }
  const large = Number(options["memoryRows"] ?? 2_000_000);
  if (wanted.includes("memory") || wanted.includes("sample")) {
    await inTempDir(async (directory) => {
      const shards = await writePoints(directory, large, dim);
      if (wanted.includes("memory")) table.push(...(await largeRun(shards, large, "all points", {})));
      if (wanted.includes("sample"))
        table.push(
          ...(await largeRun(shards, large, "256 a cluster, then all", { samplePointsPerCluster: 256 })),
        );
    });
  }
  return table;
}

interface Cost {
  readonly precision: string;
  readonly rows: number;
  readonly clusters: number;
  readonly secondsPerPass: number;
}

async function againstPeers(input: {
  directory: string;
  shards: readonly string[];
  rows: number;
  clusters: number;
  precision: "float32" | "int8";
  repeat: number;
  costs: Cost[];
}): Promise<BenchRow[]> {
  const { directory, shards, rows, clusters, precision, repeat, costs } = input;
  const iterations = precision === "int8" ? 25 : clusters >= 500 ? 4 : 10;
  const initial = await writeInitial(directory, shards, clusters);
  let mine: Measured | undefined;
  let faiss: Measured | undefined;
  let sklearn: Measured | undefined;
  const sgemm = await peerSgemm();
  // In turns: the best of each is the least disturbed.
  for (let turn = 0; turn < repeat; turn++) {
    const options = { clusters, maxIterations: iterations, precision, workers: threads };
    mine = better(mine, await ours(shards, options, { initial }));
    faiss = better(faiss, await peer("faiss", directory, clusters, iterations, "initial"));
    if (turn === 0 && precision === "float32")
      sklearn = await peer("sklearn", directory, clusters, iterations, "initial");
  }
  // One more assignment than iterations, in ours and in the peers.
  const passes = iterations + 1;
  const { wallSeconds, cpuSeconds, inertia, peakBytes } = mine!;
  costs.push({ precision, rows, clusters, secondsPerPass: wallSeconds / passes });
  const name = `${precision} ${rows / 1000}k x ${dim}, K = ${clusters}, ${iterations} iterations`;
  const at = (
    metric: string,
    unit: string,
    of: number,
    theirs: number | undefined,
    peerName: string,
    target: number | null,
  ): BenchRow => row(name, metric, unit, of, theirs, peerName, target, (ratio) => ratio <= target!);
  const close = precision === "int8" ? 1e-3 : 1e-5;
  const fair = rows >= 100_000;
  const speed = (2 * rows * dim * clusters * passes) / wallSeconds / 1e9;
  return [
    at(
      "wall",
      "s",
      wallSeconds,
      faiss?.wallSeconds,
      "FAISS",
      precision === "int8" ? 0.5 : fair ? 0.85 : null,
    ),
    at("CPU", "s", cpuSeconds, faiss?.cpuSeconds, "FAISS", null),
    at("peak memory", "MB", peakBytes / 1e6, faiss && faiss.peakBytes / 1e6, "FAISS", null),
    at("wall", "s", wallSeconds, sklearn?.wallSeconds, "scikit-learn", null),
    ...inertiaRows(name, inertia, { FAISS: faiss, "scikit-learn": sklearn }, close),
    ...(faiss !== undefined && faiss.emptied !== 0 && precision === "float32"
      ? [
          row(name, "emptied clusters", "", mine!.emptied!, faiss.emptied!, "FAISS", null, () => false),
          ...(await fromSpreadStart(name, { directory, shards, clusters, iterations })),
        ]
      : []),
    row(
      name,
      "speed",
      "GFLOP/s",
      speed,
      sgemm,
      `OpenBLAS sgemm, ${threads} threads`,
      precision === "float32" && clusters >= 1000 && fair ? 0.7 : null,
      (ratio) => ratio >= 0.7,
    ),
  ].filter(({ metric, peer }) => metric === "peak memory" || peer !== null || metric === "speed");
}

function inertiaRows(
  name: string,
  inertia: number,
  peers: Readonly<Record<string, Measured | undefined>>,
  close: number,
): BenchRow[] {
  return Object.entries(peers).flatMap(([peerName, theirs]) => {
    if (theirs === undefined) return [];
    // Clusters that became empty are filled by different rules: FAISS splits a large one, scikit-learn and we take
    // the point that lies farthest from its centroid. Then the ends differ, and the target is not for them.
    const target = theirs.emptied === null || theirs.emptied === 0 || close > 1e-5 ? 1 + close : null;
    const isClose = (ratio: number) => Math.abs(ratio - 1) <= close;
    return [row(name, "inertia", "squared distance", inertia, theirs.inertia, peerName, target, isClose)];
  });
}

/** The inertia after the same iterations from where k-means++ begins, whose clusters stay filled. */
async function fromSpreadStart(
  name: string,
  input: { directory: string; shards: readonly string[]; clusters: number; iterations: number },
): Promise<BenchRow[]> {
  const { directory, shards, clusters, iterations } = input;
  const start = join(directory, `spread-${clusters}.npy`);
  const options = { clusters, precision: "float32", workers: threads } as const;
  await ours(shards, { ...options, maxIterations: 0 }, { centroids: start });
  const mine = await ours(shards, { ...options, maxIterations: iterations }, { initial: start });
  const faiss = await peer("faiss", directory, clusters, iterations, "spread");
  return inertiaRows(`${name}, from k-means++`, mine.inertia, { FAISS: faiss }, 1e-5);
}

/** How cost grows: the exponent p of seconds ~ rows^p, or ~ clusters^p, between neighbouring sizes. */
function slopes(costs: readonly Cost[]): BenchRow[] {
  const rowsOf = (key: "rows" | "clusters", other: "rows" | "clusters"): BenchRow[] =>
    costs.flatMap((from) =>
      costs
        .filter((to) => to.precision === from.precision && to[other] === from[other] && to[key] > from[key])
        .slice(0, 1)
        .map((to) => {
          const exponent = Math.log(to.secondsPerPass / from.secondsPerPass) / Math.log(to[key] / from[key]);
          const name = `${from.precision} ${other} = ${from[other]}, ${key} ${from[key]} to ${to[key]}`;
          return row(name, `slope in ${key}`, "exponent", exponent, undefined, null, null, () => false);
        }),
    );
  return [...rowsOf("rows", "clusters"), ...rowsOf("clusters", "rows")];
}

/** 2 million points and 1000 clusters from k-means++ on: what it takes of time and memory. */
async function largeRun(
  shards: readonly string[],
  rows: number,
  how: string,
  sampling: Pick<KMeansOptions, "samplePointsPerCluster">,
): Promise<BenchRow[]> {
  const maxIterations = sampling.samplePointsPerCluster === undefined ? 3 : 15;
  const { wallSeconds, cpuSeconds, peakBytes } = await ours(shards, {
    clusters: 1000,
    maxIterations,
    workers: threads,
    ...sampling,
  });
  const name = `${rows / 1000}k x ${dim}, K = 1000, ${how}, ${maxIterations} iterations`;
  return [
    {
      ...row(name, "peak memory", "MB", peakBytes / 1e6, undefined, null, 1500, () => false),
      met: peakBytes <= 1.5e9,
    },
    row(name, "wall", "s", wallSeconds, undefined, null, null, () => false),
    row(name, "CPU", "s", cpuSeconds, undefined, null, null, () => false),
  ];
}

async function againstMlKmeans(directory: string): Promise<BenchRow> {
  const [rows, clusters, maxIterations] = [10_000, 100, 10];
  const shards = await writePoints(directory, rows, dim);
  const initial = await writeInitial(directory, shards, clusters);
  const nested = async (path: string): Promise<number[][]> => {
    const { data, shape } = await readNpy(path);
    return Array.from({ length: shape[0]! }, (_, i) => Array.from(data.subarray(i * dim, (i + 1) * dim)));
  };
  const points = await nested(shards[0]!);
  const initialization = await nested(initial);
  const started = performance.now();
  mlKmeans(points, clusters, { initialization, maxIterations, tolerance: 0 }).nearest(points);
  const seconds = (performance.now() - started) / 1000;
  const mine = await ours(shards, { clusters, maxIterations, workers: threads }, { initial });
  const name = `${rows / 1000}k x ${dim}, K = ${clusters}`;
  return row(name, "wall", "s", mine.wallSeconds, seconds, "ml-kmeans", 0.2, (ratio) => ratio <= 0.2);
}

async function ours(
  shards: readonly string[],
  options: Pick<KMeansOptions, "clusters" | "maxIterations" | "workers"> & Partial<KMeansOptions>,
  files: { readonly initial?: string; readonly centroids?: string } = {},
): Promise<Measured> {
  const request = { shards, ...files, options: { initPointsPerCluster: 20, ...options } };
  const script = join(import.meta.dirname, "kmeans-ours.js");
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(request)]);
  return Measured.parse(JSON.parse(stdout));
}

async function inTempDir<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "climb-kmeans-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function better(a: Measured | undefined, b: Measured | undefined): Measured | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    ...a,
    wallSeconds: Math.min(a.wallSeconds, b.wallSeconds),
    cpuSeconds: Math.min(a.cpuSeconds, b.cpuSeconds),
  };
}

function row(
  name: string,
  metric: string,
  unit: string,
  ours: number,
  peer: number | undefined,
  peerName: string | null,
  target: number | null,
  isMet: (ratio: number) => boolean,
): BenchRow {
  const ratio = peer === undefined ? null : ours / peer;
  const met = ratio === null || target === null ? null : isMet(ratio);
  return { case: name, metric, unit, ours, peer: peer ?? null, peerName, ratio, target, met };
}
