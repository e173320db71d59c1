/** Clusters go to NeMo Curator's layout and come back from it: the same clusters, and the run goes on with them. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openDuckdb, sqlText } from "../../pipeline/core/duckdb.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareFinishedRun, runClimb } from "../support/tiny-run.ts";

await test("clusters written in the recipe's layout are read back as given, and domains come of them", () =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    const clustered = await runClimb(dir, "cluster", "tiny.yaml");
    assert.equal(clustered.code, 0, clustered.stderr);
    const artifacts = join(dir, "data", "artifacts");
    const artifact = (await readdir(artifacts)).find((name) => name.startsWith("cluster-"))!;
    const written = await runClimb(dir, "clusters", join(artifacts, artifact), "--out", "curator", "--json");
    assert.equal(written.code, 0, written.stderr);

    const table = `read_parquet(${sqlText(join(dir, "curator", "clusters", "*", "*.parquet"))}, hive_partitioning = true)`;
    const before = sqlText(join(artifacts, artifact, "assignments.parquet"));
    assert.deepEqual(
      await query(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${table})`),
      ["_curator_climb_id", "text", "embeddings", "l2_dist_to_cent", "cosine_dist_to_cent", "centroid"].map(
        (name) => [name],
      ),
    );
    // Every document that may train, in its cluster, as far from its centroid; both distances from the embeddings.
    const [[documents, sameCluster, sameDistance]] = (await query(
      `SELECT count(*)::INT, sum((a.cluster = c.centroid)::INT)::INT, sum((a.distance = c.l2_dist_to_cent)::INT)::INT
       FROM ${table} c JOIN ${before} a ON c._curator_climb_id = a.id`,
    )) as [[number, number, number]];
    const [[expected]] = (await query(`SELECT count(cluster)::INT FROM ${before}`)) as [[number]];
    assert.deepEqual([documents, sameCluster, sameDistance], [expected, expected, expected]);
    assert.equal((JSON.parse(written.stdout) as { documents: number }).documents, expected);
    const { data: centroids, shape } = await readNpy(
      join(dir, "curator", "centroids", "kmeans_centroids.npy"),
    );
    assert.equal(shape[0], 12);
    const [[vector, centroid, l2, cosine]] = (await query(
      `SELECT array_to_string(embeddings, ' '), centroid::INT, l2_dist_to_cent, cosine_dist_to_cent FROM ${table} LIMIT 1`,
    )) as [[string, number, number, number]];
    const x = vector.split(" ").map(Number);
    const c = Array.from(centroids.subarray(centroid * shape[1]!, (centroid + 1) * shape[1]!));
    assert.ok(Math.abs(Math.sqrt(dot(x, x) - 2 * dot(x, c) + dot(c, c)) - l2) < 1e-5);
    assert.ok(Math.abs(1 - dot(x, c) / Math.sqrt(dot(x, x) * dot(c, c)) - cosine) < 1e-5);

    // Back again, as the sources of another run.
    const config = (await readFile(join(dir, "tiny.yaml"), "utf8"))
      .replace(
        /sources:[\s\S]*?shardBytes/,
        "sources:\n    - { name: theirs, files: curator/clusters }\n  shardBytes",
      )
      .replace("embed: { ", "embed: { readyMade: true, ")
      .replace("cluster: { ", "cluster: { given: curator/centroids/kmeans_centroids.npy, ");
    await writeFile(join(dir, "given.yaml"), config);
    const given = await runClimb(dir, "domains", "given.yaml");
    assert.equal(given.code, 0, given.stderr);
    const name = (await readdir(artifacts)).find((entry) => entry.startsWith("given-clusters-"))!;
    const after = sqlText(join(artifacts, name, "assignments.parquet"));
    const [[same, far]] = (await query(
      `SELECT sum((a.cluster = b.cluster)::INT)::INT, max(abs(a.distance - b.distance)) FROM ${before} a JOIN ${after} b USING (id)`,
    )) as [[number, number]];
    assert.equal(same, expected);
    assert.ok(far < 1e-6, `${far}`);

    const own = await runClimb(dir, "domains", "given.yaml", "embed.readyMade=false");
    assert.equal(own.code, 2);
    assert.match(own.stderr, /cluster\.given needs the embeddings that its centroids were made from/);

    // Centroids of another dimension, and too few of them, are refused by name.
    await writeNpy(join(dir, "curator", "narrow.npy"), new Float32Array(24), [12, 2]);
    const narrow = await runClimb(dir, "domains", "given.yaml", "cluster.given=curator/narrow.npy");
    assert.equal(narrow.code, 3);
    assert.match(narrow.stderr, /narrow\.npy holds centroids of shape \[12, 2\]/);
    await writeNpy(join(dir, "curator", "few.npy"), new Float32Array(2 * shape[1]!), [2, shape[1]!]);
    const few = await runClimb(dir, "domains", "given.yaml", "cluster.given=curator/few.npy");
    assert.equal(few.code, 3);
    assert.match(few.stderr, /has the label '\d+', which is no row of the 2 in .*few\.npy/);
  }));

async function query(sql: string): Promise<unknown[][]> {
  const { connection, close } = await openDuckdb();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    close();
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j]!, 0);
}
