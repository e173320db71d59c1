/**
 * k-means against FAISS and scikit-learn in the same run: same data, same start, same iterations, two
 * threads each. The peers are measured where /usr/bin/python3 has them (apt install python3-faiss
 * python3-sklearn libopenblas0-openmp), ml-kmeans always.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { kmeans as mlKmeans } from "ml-kmeans";
import { glob } from "tinyglobby";
import { z } from "zod";
import { kmeans, type KMeansResult } from "../../pipeline/cluster/kmeans.ts";
import { sharedFloat32, type Points } from "../../pipeline/cluster/points.ts";
import { writeNpy } from "../../pipeline/core/npy.ts";
import { Random } from "../../pipeline/math/random.ts";
import type { BenchRow } from "./bench-row.ts";

interface Measured {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly inertia: number;
}

const threads = 2;

/** @param options rows=100000 and dim=384: the large cases, about a minute on two free cores */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const rows = Number(options["rows"] ?? 100_000);
  const dim = Number(options["dim"] ?? 384);
  const table = await againstMlKmeans();
  const directory = await mkdtemp(join(tmpdir(), "climb-kmeans-"));
  try {
    const points = textLikePoints(rows, dim);
    await writeNpy(join(directory, "points.npy"), points.data, [rows, dim]);
    const sgemm = await peerSgemm();
    // One more assignment than iterations, in ours and in the peers.
    for (const [clusters, iterations] of [
      [100, 10],
      [1000, 4],
    ] as const) {
      const initial = startFrom(points, clusters);
      await writeNpy(join(directory, "initial.npy"), initial, [clusters, dim]);
      const name = `${rows / 1000}k x ${dim}, K = ${clusters}`;
      // Twice, in turns: the better of each is the less disturbed.
      const first = await ours(points, initial, iterations);
      const faiss = await peer("faiss", directory, iterations);
      const sklearn = await peer("sklearn", directory, iterations);
      const mine = better(first, await ours(points, initial, iterations))!;
      const theirs = better(faiss, faiss && (await peer("faiss", directory, iterations)));
      const gigaflops = (2 * rows * dim * clusters * (iterations + 1)) / 1e9;
      table.push(
        atMost(name, "wall", "s", mine.wallSeconds, theirs?.wallSeconds, "FAISS", 0.85),
        atMost(name, "CPU", "s", mine.cpuSeconds, theirs?.cpuSeconds, "FAISS", 1),
        sameInertia(name, mine, theirs, "FAISS"),
        atMost(name, "wall", "s", mine.wallSeconds, sklearn?.wallSeconds, "scikit-learn", 1),
        sameInertia(name, mine, sklearn, "scikit-learn"),
        sgemmShare(name, gigaflops / mine.wallSeconds, sgemm, clusters >= 1000 ? 0.7 : null),
      );
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return table;
}

async function againstMlKmeans(): Promise<BenchRow[]> {
  const points = textLikePoints(10_000, 64);
  const { data, rows, dim } = points;
  const clusters = 100;
  const iterations = 10;
  const initial = startFrom(points, clusters);
  const rowsOf = (values: Float32Array, count: number): number[][] =>
    Array.from({ length: count }, (_, i) => Array.from(values.subarray(i * dim, (i + 1) * dim)));
  const nested = rowsOf(data, rows);
  const initialization = rowsOf(initial, clusters);
  const { wallSeconds } = await timed(() => {
    const model = mlKmeans(nested, clusters, { initialization, maxIterations: iterations, tolerance: 0 });
    return { assignments: model.nearest(nested) };
  });
  const mine = await ours(points, initial, iterations);
  const name = `${rows / 1000}k x ${dim}, K = ${clusters}`;
  return [atMost(name, "wall", "s", mine.wallSeconds, wallSeconds, "ml-kmeans", 0.2)];
}

async function ours(points: Points, initial: Float32Array, iterations: number): Promise<Measured> {
  const { result, wallSeconds, cpuSeconds } = await timed<KMeansResult>(() =>
    kmeans(points, {
      clusters: initial.length / points.dim,
      maxIterations: iterations,
      // Inertia may also rise by rounding: never stop for that.
      tolerance: Number.NEGATIVE_INFINITY,
      initPointsPerCluster: 20,
      seed: new Random(1),
      workers: threads,
      initial,
    }),
  );
  return { wallSeconds, cpuSeconds, inertia: result.inertia };
}

async function timed<T>(work: () => T | Promise<T>) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const wallSeconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { result, wallSeconds, cpuSeconds: (user + system) / 1e6 };
}

/** Unit vectors around 300 topics of unlike sizes, with noise as strong as in sentence embeddings. */
function textLikePoints(rows: number, dim: number): Points {
  const random = new Random("kmeans bench");
  const topics = Float32Array.from({ length: 300 * dim }, () => random.normal());
  const data = sharedFloat32(rows * dim);
  for (let row = 0; row < rows; row++) {
    const topic = Math.floor(300 * random.uniform() ** 2) * dim;
    let squares = 0;
    for (let j = 0; j < dim; j++) {
      const value = topics[topic + j]! + 1.5 * random.normal();
      data[row * dim + j] = value;
      squares += value * value;
    }
    const norm = Math.sqrt(squares);
    for (let j = 0; j < dim; j++) data[row * dim + j]! /= norm;
  }
  return { data, rows, dim };
}

function startFrom({ data, rows, dim }: Points, clusters: number): Float32Array {
  const initial = new Float32Array(clusters * dim);
  new Random("start").sampleWithoutReplacement(rows, clusters).forEach((row, k) => {
    initial.set(data.subarray(row * dim, (row + 1) * dim), k * dim);
  });
  return initial;
}

const peerProgram = `
import json, resource, sys, time
import numpy as np

def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime

name, directory, iterations = sys.argv[1], sys.argv[2], int(sys.argv[3])
if name == "sgemm":
    a = np.random.rand(2048, 2048).astype(np.float32)
    a @ a
    seconds = []
    for _ in range(8):
        start = time.perf_counter(); a @ a; seconds.append(time.perf_counter() - start)
    print(json.dumps(2 * 2048**3 / min(seconds) / 1e9))
    sys.exit()
x = np.load(directory + "/points.npy")
start_centroids = np.load(directory + "/initial.npy")
k = len(start_centroids)
if name == "faiss":
    import faiss
    faiss.Kmeans(x.shape[1], 16, niter=1).train(x[:1000])
    wall, used = time.perf_counter(), cpu()
    model = faiss.Kmeans(x.shape[1], k, niter=iterations, max_points_per_centroid=len(x), min_points_per_centroid=1)
    model.train(x, init_centroids=start_centroids)
    labels = model.index.search(x, 1)[1][:, 0]
    centroids = model.centroids
else:
    import warnings
    from sklearn.cluster import KMeans
    warnings.simplefilter("ignore")
    KMeans(16, n_init=1, max_iter=1).fit(x[:1000])
    wall, used = time.perf_counter(), cpu()
    model = KMeans(k, init=start_centroids, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd").fit(x)
    labels, centroids = model.labels_, model.cluster_centers_
wall, used = time.perf_counter() - wall, cpu() - used
inertia = sum(((x[i:i+4096].astype(float) - centroids[labels[i:i+4096]]) ** 2).sum() for i in range(0, len(x), 4096))
print(json.dumps({"wallSeconds": wall, "cpuSeconds": used, "inertia": inertia}))
`;

const PeerOutput = z.object({ wallSeconds: z.number(), cpuSeconds: z.number(), inertia: z.number() });

async function peer(
  name: "faiss" | "sklearn",
  directory: string,
  iterations: number,
): Promise<Measured | undefined> {
  const output = await python(name, directory, String(iterations));
  return output === undefined ? undefined : PeerOutput.parse(output);
}

async function peerSgemm(): Promise<number | undefined> {
  const output = await python("sgemm", "", "0");
  return output === undefined ? undefined : z.number().parse(output);
}

/** What the program printed, or undefined, with a note, where Python or the library is missing. */
async function python(...args: string[]): Promise<unknown> {
  // FAISS's OpenMP threads and the usual pthread BLAS fight over the cores: a fair peer needs this one.
  const [blas] = await glob("/usr/lib/*/openblas-openmp/libopenblas.so.0", { absolute: true });
  const { OPENBLAS_CORETYPE: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    OMP_NUM_THREADS: String(threads),
    OMP_WAIT_POLICY: "passive",
    ...(blas !== undefined && { LD_PRELOAD: blas }),
  };
  try {
    const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-c", peerProgram, ...args], { env });
    return JSON.parse(stdout);
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? String(error);
    process.stderr.write(`kmeans bench: ${args[0]} is not measured: ${reason}\n`);
    return undefined;
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

function atMost(
  name: string,
  metric: string,
  unit: string,
  ours: number,
  peer: number | undefined,
  peerName: string,
  target: number,
): BenchRow {
  const ratio = peer === undefined ? null : ours / peer;
  const met = ratio === null ? null : ratio <= target;
  return { case: name, metric, unit, ours, peer: peer ?? null, peerName, ratio, target, met };
}

function sameInertia(name: string, mine: Measured, theirs: Measured | undefined, peerName: string): BenchRow {
  const target = 1 + 1e-5;
  return atMost(name, "inertia", "squared distance", mine.inertia, theirs?.inertia, peerName, target);
}

function sgemmShare(name: string, ours: number, peer: number | undefined, target: number | null): BenchRow {
  const ratio = peer === undefined ? null : ours / peer;
  const met = ratio === null || target === null ? null : ratio >= target;
  const peerName = `OpenBLAS sgemm, ${threads} threads`;
  return {
    case: name,
    metric: "speed",
    unit: "GFLOP/s",
    ours,
    peer: peer ?? null,
    peerName,
    ratio,
    target,
    met,
  };
}
