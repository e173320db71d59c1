/** One k-means in a process of its own, so that its CPU seconds and peak memory are its own. */
import { readFileSync } from "node:fs";
import { kmeans, type KMeansOptions } from "../../pipeline/cluster/kmeans.ts";
import { openPointFiles } from "../../pipeline/cluster/point-reader.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { Random } from "../../pipeline/math/random.ts";

interface Request {
  readonly shards: readonly string[];
  /** A .npy of centroids to start from; k-means++ without it. */
  readonly initial?: string;
  /** A .npy to write the final centroids to. */
  readonly centroids?: string;
  readonly options: Omit<KMeansOptions, "seed" | "initial">;
}

const { shards, initial, centroids, options } = JSON.parse(process.argv[2]!) as Request;
const start = initial === undefined ? {} : { initial: (await readNpy(initial)).data as Float32Array };
const source = await openPointFiles(shards);
const passes: number[] = [];
const cpu = process.cpuUsage();
const started = performance.now();
let last = started;
const result = await kmeans(source, {
  // Inertia may also rise by rounding: never stop for that.
  ...options,
  tolerance: options.tolerance ?? Number.NEGATIVE_INFINITY,
  ...start,
  seed: new Random(1),
  onIteration: () => {
    const now = performance.now();
    passes.push((now - last) / 1000);
    last = now;
  },
});
const wallSeconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
const peakBytes = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
if (centroids !== undefined) {
  await writeNpy(centroids, result.centroids, [options.clusters, source.dim], { flush: false });
}
process.stdout.write(
  JSON.stringify({
    wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    inertia: result.inertia,
    peakBytes,
    passes,
    emptied: result.iterations.reduce((sum, { emptyClusters }) => sum + emptyClusters, 0),
    agreement: Math.min(1, ...result.iterations.map(({ agreement = 1 }) => agreement)),
  }),
);
