/**
 * A k-means that says every iteration on stdout and then its result's hash, for tests that kill it:
 * node kmeans-script.js WORKERS CHECKPOINT_DIR SHARD...
 */
import { createHash } from "node:crypto";
import { kmeans } from "../../pipeline/cluster/kmeans.ts";
import { openPointFiles } from "../../pipeline/cluster/point-reader.ts";
import { Random } from "../../pipeline/math/random.ts";

const [workers, checkpointDir, ...shards] = process.argv.slice(2);
const result = await kmeans(await openPointFiles(shards), {
  clusters: 300,
  maxIterations: 9,
  tolerance: 0,
  initPointsPerCluster: 2,
  samplePointsPerCluster: 20,
  fullIterations: 3,
  precision: "int8",
  seed: new Random(1),
  workers: Number(workers),
  checkpointDir: checkpointDir!,
  onIteration: ({ updates }, phase) => process.stdout.write(`${phase} ${updates}\n`),
});
const hash = createHash("sha256").update(JSON.stringify(result.iterations));
for (const part of [result.centroids, result.assignments, result.distances]) {
  hash.update(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
}
process.stdout.write(`${hash.digest("hex")}\n`);
