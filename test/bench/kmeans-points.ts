import { join } from "node:path";
import { openPointFiles, openPointReader } from "../../pipeline/cluster/point-reader.ts";
import { writeNpy } from "../../pipeline/core/npy.ts";
import { Random } from "../../pipeline/math/random.ts";

const topics = 300;
const shardRows = 100_000;

/**
 * Write unit vectors around 300 topics of unlike sizes, with noise as strong as in sentence embeddings, as
 * .npy shards.
 *
 * @returns the shards' paths
 */
export async function writePoints(directory: string, rows: number, dim: number): Promise<string[]> {
  const random = new Random("kmeans bench");
  const centres = Float32Array.from({ length: topics * dim }, () => random.normal());
  // Sums of four uniforms of 16 bits: as good as normal for noise, at a tenth of the cost.
  const noise = uniformPairs(0x2545f491);
  const paths: string[] = [];
  for (let first = 0; first < rows; first += shardRows) {
    const count = Math.min(shardRows, rows - first);
    const data = new Float32Array(count * dim);
    for (let row = 0; row < count; row++) {
      const centre = Math.floor(topics * random.uniform() ** 2) * dim;
      let squares = 0;
      for (let j = 0; j < dim; j++) {
        // The four have a variance of 1/3: this is 1.5 standard deviations.
        const value = centres[centre + j]! + 1.5 * Math.sqrt(3) * (noise() + noise() - 2);
        data[row * dim + j] = value;
        squares += value * value;
      }
      const norm = Math.sqrt(squares);
      for (let j = 0; j < dim; j++) data[row * dim + j]! /= norm;
    }
    const path = join(directory, `points-${String(paths.length).padStart(5, "0")}.npy`);
    await writeNpy(path, data, [count, dim], { flush: false });
    paths.push(path);
  }
  return paths;
}

/** Write rows of the first shard as initial.npy. */
export async function writeInitial(
  directory: string,
  shards: readonly string[],
  clusters: number,
): Promise<string> {
  const source = await openPointFiles(shards.slice(0, 1));
  const { dim } = source;
  const reader = openPointReader(source);
  const initial = new Float32Array(clusters * dim);
  new Random("start").sampleWithoutReplacement(source.rows, clusters).forEach((row, k) => {
    initial.set(reader.row(row), k * dim);
  });
  reader.close();
  const path = join(directory, `initial-${clusters}.npy`);
  await writeNpy(path, initial, [clusters, dim], { flush: false });
  return path;
}

/** Draws the sum of two uniforms of 16 bits, from one step of a 32-bit xorshift. */
function uniformPairs(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state & 0xffff) + (state >>> 16)) / 65_536;
  };
}
