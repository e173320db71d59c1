/** A new corpus put into a run's domains: the same bytes however it went, and refusals by name. */
import assert from "node:assert/strict";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { z } from "zod";
import { ArtifactFile } from "../../pipeline/core/artifact.ts";
import { hashFile, hashJson } from "../../pipeline/core/hash.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { Assignment } from "../../pipeline/schema/assignment.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb } from "../support/tiny-run.ts";

await test("assign: shares, drift and a table, the same for any workers; wrong models and vectors refused", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const made = await runClimb(dir, "domains", "tiny.yaml", "--quiet");
    assert.equal(made.code, 0, made.stderr);
    const artifacts = join(dir, "data", "artifacts");
    const assign = (...args: string[]) => runClimb(dir, "assign", "data/runs/tiny", ...args, "--quiet");

    // Other documents of a kind that is in training, and all of the target, which is not.
    const first = await assign("corpus/speeches/*.txt", "--workers", "1", "--json");
    assert.equal(first.code, 0, first.stderr);
    const found = parseAssignment(first.stdout);
    assert.equal(found.method.name, "exact");
    const sum = (of: (part: Assignment["parts"][number]) => number) =>
      found.parts.reduce((total, part) => total + of(part), 0);
    assert.equal(
      sum(({ documents }) => documents),
      found.documents,
    );
    for (const share of [
      "documentShare",
      "tokenShare",
      "trainingDocumentShare",
      "trainingTokenShare",
    ] as const)
      assert(Math.abs(sum((part) => part[share]) - 1) < 1e-9, share);
    // The government's domain has all but a few of them.
    assert(Math.max(...found.parts.map(({ tokenShare }) => tokenShare)) > 0.7, first.stdout);
    assert.equal(found.drift.verdict, "large");

    const hashes = async () => {
      const folder = join(dir, "data", "assigned", "speeches");
      const names = (await readdir(folder)).toSorted();
      return Promise.all(names.map(async (name) => [name, await hashFile(join(folder, name))]));
    };
    const before = await hashes();
    for (const name of await readdir(artifacts))
      if (name.startsWith("assign-")) await rm(join(artifacts, name), { recursive: true });
    assert.equal((await assign("corpus/speeches/*.txt", "--workers", "2")).code, 0);
    assert.deepEqual(await hashes(), before);

    const rows: Record<string, unknown>[] = [];
    const columns = ["id", "source", "tokens", "cluster", "domain", "distance", "fits"];
    const table = join(dir, "data", "assigned", "speeches", "documents-00000.parquet");
    for await (const batch of readDocuments(table, columns, { batchRows: 1000 })) rows.push(...batch);
    assert.equal(rows.length, found.documents);
    const inside = rows.filter(({ domain, fits }) => domain === found.parts[1]!.id && fits === true);
    assert.equal(inside.length, found.parts[1]!.documents);

    const graph = await assign("corpus/speeches/*.txt", "--method", "hnsw", "--json");
    assert.equal(graph.code, 0, graph.stderr);
    const byGraph = parseAssignment(graph.stdout);
    assert.equal(byGraph.method.agreeingDocuments, byGraph.method.checkedDocuments);
    assert.deepEqual(byGraph.parts, found.parts);

    // The run's own vectors will do; copies that are wrong in one way each will not.
    const { inputs } = await artifactFile(join(dir, "data", "runs", "tiny", "model"));
    const own = join(artifacts, inputs["vectors"]!);
    assert.equal((await assign(own)).code, 0);
    const wrong = async (name: string, change: (folder: string, file: ArtifactFile) => Promise<void>) => {
      const folder = join(artifacts, `embed-${name}`);
      await cp(own, folder, { recursive: true });
      const file = await artifactFile(folder);
      file.fingerprint = hashJson(name);
      await change(folder, file);
      await writeFile(join(folder, "artifact.json"), JSON.stringify(file));
      return assign(folder);
    };

    const other = await wrong("other", async (_folder, file) => {
      file.result = { ...(file.result as object), identity: "another-model" };
    });
    assert.equal(other.code, 2);
    assert.match(
      other.stderr,
      /is from another embedder: it was made with \w+, the vectors with another-model/,
    );

    const wide = await wrong("wide", async (_folder, file) => {
      file.result = { ...(file.result as object), dimension: 384 };
    });
    assert.equal(wide.code, 3);
    assert.match(wide.stderr, /the vectors have dimension 384, the centroids of model-\w+ have 100/);

    const holes = await wrong("holes", async (folder) => {
      const path = join(folder, "embeddings-00000.npy");
      const { data, shape } = await readNpy(path);
      data[2 * shape[1]! + 5] = Number.NaN;
      await writeNpy(path, data, shape);
    });
    assert.equal(holes.code, 3);
    assert.match(holes.stderr, /embeddings-00000\.npy: row 2 holds a value that is not a finite number/);

    const nothing = await runClimb(dir, "assign", "corpus", "corpus");
    assert.equal(nothing.code, 3);
    assert.match(nothing.stderr, /corpus holds no cluster model/);
  }));

/** What --json says: assignment.json, and where it was written. */
function parseAssignment(stdout: string): Assignment {
  return Assignment.extend({ dir: z.string() }).parse(JSON.parse(stdout));
}

async function artifactFile(folder: string): Promise<ArtifactFile> {
  return ArtifactFile.parse(JSON.parse(await readFile(join(folder, "artifact.json"), "utf8")));
}
