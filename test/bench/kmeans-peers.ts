/** The peers of the k-means benchmark, in Python: FAISS, scikit-learn, and OpenBLAS's matrix product. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { glob } from "tinyglobby";
import { z } from "zod";

export const threads = 2;

const program = `
import glob, json, resource, sys, time, warnings
import numpy as np

def usage():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

def measured(work, warm_up):
    warm_up()
    wall, cpu = time.perf_counter(), usage()
    labels, centroids, emptied = work()
    wall, cpu = time.perf_counter() - wall, usage() - cpu
    inertia = sum(((x[i:i+4096].astype(float) - centroids[labels[i:i+4096]]) ** 2).sum() for i in range(0, len(x), 4096))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wallSeconds": wall, "cpuSeconds": cpu, "inertia": inertia, "peakBytes": peak, "emptied": emptied}))

name, directory, clusters, iterations = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if name == "sgemm":
    a = np.random.rand(2048, 2048).astype(np.float32)
    a @ a
    seconds = []
    for _ in range(8):
        start = time.perf_counter(); a @ a; seconds.append(time.perf_counter() - start)
    print(json.dumps(2 * 2048**3 / min(seconds) / 1e9))
    sys.exit()
x = np.concatenate([np.load(path) for path in sorted(glob.glob(directory + "/points-*.npy"))])
start_centroids = np.load(f"{directory}/{sys.argv[5]}-{clusters}.npy")
if name == "faiss":
    import faiss
    def work():
        model = faiss.Kmeans(x.shape[1], clusters, niter=iterations, max_points_per_centroid=len(x), min_points_per_centroid=1)
        model.train(x, init_centroids=start_centroids)
        emptied = sum(step["nsplit"] for step in model.iteration_stats)
        return model.index.search(x, 1)[1][:, 0], model.centroids, emptied
    measured(work, lambda: faiss.Kmeans(x.shape[1], 16, niter=1).train(x[:1000]))
else:
    from sklearn.cluster import KMeans
    warnings.simplefilter("ignore")
    def work():
        model = KMeans(clusters, init=start_centroids, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd").fit(x)
        return model.labels_, model.cluster_centers_, None
    measured(work, lambda: KMeans(16, n_init=1, max_iter=1).fit(x[:1000]))
`;

export const Measured = z.object({
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  inertia: z.number(),
  peakBytes: z.number(),
  /** Clusters that became empty on the way; null where it is not told. */
  emptied: z.int().nullable(),
});
export type Measured = z.infer<typeof Measured>;

/** Which file of centroids is started from: rows drawn at random, or those that k-means++ found. */
export type Start = "initial" | "spread";

export type Peer = "faiss" | "sklearn";

export async function peer(
  name: Peer,
  directory: string,
  clusters: number,
  iterations: number,
  start: Start,
): Promise<Measured | undefined> {
  const output = await python(program, name, directory, String(clusters), String(iterations), start);
  return output === undefined ? undefined : Measured.parse(output);
}

/** GFLOP/s of a large matrix product on as many threads. */
export async function peerSgemm(): Promise<number | undefined> {
  const output = await python(program, "sgemm", "", "0", "0", "");
  return output === undefined ? undefined : z.number().parse(output);
}

/** What a program printed, as JSON, or undefined, with a note, where Python or a library is missing. */
export async function python(text: string, ...args: string[]): Promise<unknown> {
  // FAISS's OpenMP threads and the usual pthread BLAS fight over the cores: a fair peer needs this one.
  const [blas] = await glob("/usr/lib/*/openblas-openmp/libopenblas.so.0", { absolute: true });
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...inherited } = process.env;
  const env = {
    ...inherited,
    OMP_NUM_THREADS: String(threads),
    OMP_WAIT_POLICY: "passive",
    ...(blas !== undefined && { LD_PRELOAD: blas }),
  };
  try {
    const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-c", text, ...args], { env });
    return JSON.parse(stdout);
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? String(error);
    process.stderr.write(`kmeans bench: ${args[0]} is not measured: ${reason}\n`);
    return undefined;
  }
}
