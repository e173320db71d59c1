/** A new corpus against old clusters: put into a run's domains, and clustered again from them. */
import assert from "node:assert/strict";
import { appendFile, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { z } from "zod";
import { ArtifactFile } from "../../pipeline/core/artifact.ts";
import { hashFile, hashJson } from "../../pipeline/core/hash.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { openFastText } from "../../pipeline/domains/fasttext.ts";
import { recipeText } from "../../pipeline/domains/recipe-text.ts";
import { Assignment } from "../../pipeline/schema/assignment.ts";
import { DomainTable } from "../../pipeline/schema/domain.ts";
import { Manifest } from "../../pipeline/schema/manifest.ts";
import { Recluster } from "../../pipeline/schema/recluster.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareFinishedRun, runClimb } from "../support/tiny-run.ts";

await test("assign and recluster", (context) =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    const config = await readFile(join(dir, "tiny.yaml"), "utf8");
    const classifier =
      "quality: { classifiers: [{ score: worth, model: seven.bin }] }, prune: { rules: [{ score: worth, minMean: 0 }] }";
    const before = config
      .replace(/.*speeches.*\n/, "")
      .replace("clusters: 12", "clusters: 10")
      .replace("domains: { merge", `domains: { ${classifier}, merge`);
    await writeFile(join(dir, "before.yaml"), before);
    await cp(join(packageRoot, "test", "unit", "domains", "seven-labels.bin"), join(dir, "seven.bin"));
    await appendFile(join(dir, "tiny.yaml"), "recluster: { from: data/runs/before }\n");
    const made = await runClimb(dir, "run", "before.yaml", "--quiet");
    assert.equal(made.code, 0, made.stderr);

    await context.test("a fastText classifier's score is in every table", () => checkScores(dir));
    await context.test("shares, drift and a table, the same for any workers", () => checkAssign(dir));
    await context.test("vectors that do not fit the model are refused by name", () => checkRefusals(dir));
    await context.test("old domains are found again, a new topic is born, some trials are carried over", () =>
      checkRecluster(dir),
    );
    await context.test(
      "crossed domains are compared and counted by topic, and no trials are carried over",
      () => checkCrossed(dir),
    );
  }));

async function checkScores(dir: string): Promise<void> {
  const folder = join(dir, "data", "artifacts", await domainsOf(dir, "before"));
  const [header, ...clusters] = (await readFile(join(folder, "clusters.csv"), "utf8")).trim().split("\n");
  assert.equal(header, 'cluster,documents,tokens,kept,droppedBy,domain,"quality","advertisement","worth"');
  assert.equal(clusters.length, 10);
  const rows: Record<string, unknown>[] = [];
  const table = join(folder, "documents.parquet");
  for await (const batch of readDocuments(table, ["cluster", "worth"], { batchRows: 1000 }))
    rows.push(...batch);
  const model = await openFastText(join(dir, "seven.bin"));
  const labels = new Set(rows.map(({ worth }) => worth));
  assert([...labels].every((label) => [-1, 0, 1, 2, 3, 4, 5].includes(label as number)) && labels.size > 1);
  assert.equal(model.score(recipeText("buy cheap pills")), 0);
  const own = rows.filter(({ cluster }) => cluster === 0).map(({ worth }) => worth as number);
  const mean = own.reduce((sum, worth) => sum + worth, 0) / own.length;
  assert(Math.abs(Number(clusters[0]!.split(",").at(-1)) - mean) < 1e-9);
  assert.match(await readFile(join(dir, "data", "runs", "before", "report.html"), "utf8"), /Mean worth/);
}

async function checkAssign(dir: string): Promise<void> {
  const assign = (...args: string[]) => runClimb(dir, "assign", "data/runs/before", ...args, "--quiet");
  // One text in training, the rest of a kind that is not.
  const corpus = join(dir, "mixed");
  await cp(join(dir, "corpus", "speeches"), corpus, { recursive: true });
  for (const name of (await readdir(join(dir, "corpus", "docs"))).slice(0, 5))
    await cp(join(dir, "corpus", "docs", name), join(corpus, name));

  const first = await assign("mixed", "--workers", "1", "--json");
  assert.equal(first.code, 0, first.stderr);
  const found = parseAssignment(first.stdout);
  assert.equal(found.method.name, "exact");
  const sum = (of: (part: Assignment["parts"][number]) => number) =>
    found.parts.reduce((total, part) => total + of(part), 0);
  assert.equal(
    sum(({ documents }) => documents),
    found.documents,
  );
  for (const share of ["documentShare", "tokenShare", "trainingDocumentShare", "trainingTokenShare"] as const)
    assert(Math.abs(sum((part) => part[share]) - 1) < 1e-9, share);
  const documentation = found.parts.find(({ name }) => /array/.test(name))!;
  assert.equal(documentation.documents, 5);
  const outside = found.parts.find(({ id }) => id === "outside")!;
  assert(outside.documentShare > 0.5 && outside.trainingDocumentShare < 0.02);
  assert.equal(found.drift.verdict, "large");

  const hashes = async () => {
    const folder = join(dir, "data", "assigned", "mixed");
    const names = (await readdir(folder)).toSorted();
    return Promise.all(names.map(async (name) => [name, await hashFile(join(folder, name))]));
  };
  const bytes = await hashes();
  const artifacts = join(dir, "data", "artifacts");
  for (const name of await readdir(artifacts))
    if (name.startsWith("assign-")) await rm(join(artifacts, name), { recursive: true });
  assert.equal((await assign("mixed", "--workers", "2")).code, 0);
  assert.deepEqual(await hashes(), bytes);

  const rows: Record<string, unknown>[] = [];
  const columns = ["id", "source", "tokens", "cluster", "domain", "distance", "fits"];
  const table = join(dir, "data", "assigned", "mixed", "documents-00000.parquet");
  for await (const batch of readDocuments(table, columns, { batchRows: 1000 })) rows.push(...batch);
  assert.equal(rows.length, found.documents);
  assert.equal(rows.filter(({ fits }) => fits === false).length, outside.documents);
  assert.equal(rows.filter(({ domain, fits }) => fits === true && domain === documentation.id).length, 5);

  const graph = await assign("mixed", "--method", "hnsw", "--json");
  assert.equal(graph.code, 0, graph.stderr);
  const byGraph = parseAssignment(graph.stdout);
  assert.equal(byGraph.method.agreeingDocuments, byGraph.method.checkedDocuments);
  assert.deepEqual(byGraph.parts, found.parts);
}

async function checkRefusals(dir: string): Promise<void> {
  const artifacts = join(dir, "data", "artifacts");
  const { inputs } = await artifactFile(join(dir, "data", "runs", "before", "model"));
  const own = join(artifacts, inputs["vectors"]!);
  const wrong = async (name: string, change: (folder: string, file: ArtifactFile) => Promise<void>) => {
    const folder = join(artifacts, `embed-${name}`);
    await cp(own, folder, { recursive: true });
    const file = await artifactFile(folder);
    file.fingerprint = hashJson(name);
    await change(folder, file);
    await writeFile(join(folder, "artifact.json"), JSON.stringify(file));
    return runClimb(dir, "assign", "data/runs/before/model", folder, "--quiet");
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
}

async function checkRecluster(dir: string): Promise<void> {
  const without = await runClimb(dir, "recluster", "before.yaml");
  assert.equal(without.code, 2);
  assert.match(without.stderr, /before\.yaml has no section recluster/);
  const fewer = await runClimb(dir, "recluster", "tiny.yaml", "cluster.clusters=5", "--quiet");
  assert.equal(fewer.code, 2);
  assert.match(fewer.stderr, /cluster\.clusters=5 should be >= 10, the clusters of model-\w+/);

  const second = await runClimb(dir, "recluster", "tiny.yaml", "workers=2");
  assert.equal(second.code, 0, second.stderr);
  const run = join(dir, "data", "runs", "tiny");
  const found = Recluster.parse(JSON.parse(await readFile(join(run, "recluster.json"), "utf8")));

  // The speeches are what the earlier corpus had nothing like.
  const born = found.new.filter(({ fate }) => fate === "born");
  assert(
    born.some(({ name }) => /government|congress|states/.test(name)),
    JSON.stringify(found.new),
  );
  // The documentation is the same domain as before.
  const docs = found.pairs.find((pair) => pair.overlap > 0.95);
  assert.notEqual(docs, undefined);
  assert(docs!.centroidDistance < 0.01 && docs!.nearestBothWays);

  const { carried, earlier, differs, text } = found.trials;
  assert.deepEqual(differs, []);
  assert(carried.length < earlier, text);
  for (const trial of carried) {
    assert(Math.abs(trial.weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
    assert(trial.mismatch <= 0.05 + 1e-12);
  }
  const ledger = join(dir, "data", "artifacts", "trials", `${await domainsOf(dir, "before")}.jsonl`);
  const history = await readFile(ledger, "utf8");
  for (const { key } of carried) assert.match(history, new RegExp(key));
  assert.match(await readFile(join(run, "report.html"), "utf8"), /Since the earlier run/);

  // Another budget is another measure: nothing is carried over, and it says why.
  const changed = await runClimb(dir, "domains", "tiny.yaml", "budget.targetTokens=50000");
  assert.match(
    changed.stderr,
    /none of the earlier run's trials is carried over, since these differ: budget/,
  );
}

/** Of the run before, of the grown corpus that goes on from it, or of both, the domains are crossed. */
async function checkCrossed(dir: string): Promise<void> {
  const cross = "domains.cross=[{score: quality, buckets: 2}]";
  const domains = async (...args: string[]) => {
    const { code, stderr } = await runClimb(dir, "domains", ...args, "--quiet");
    assert.equal(code, 0, stderr);
  };
  const run = (name: string) => join(dir, "data", "runs", name);
  const comparison = async () =>
    Recluster.parse(JSON.parse(await readFile(join(run("tiny"), "recluster.json"), "utf8")));
  const topicsOf = async (name: string) => {
    const folder = (await artifactFile(join(run(name), "model"))).inputs["domains"]!;
    const path = join(dir, "data", "artifacts", folder, "domains.json");
    const table = JSON.parse(await readFile(path, "utf8"));
    const { domains, crossed } = DomainTable.parse(table);
    assert(domains.length > crossed!.topics.length, "some topic has two parts");
    assert(domains.every(({ id }) => /^domain_\d+(\.q[12])?$/.test(id)));
    return ids(crossed!.topics);
  };
  const plain = await comparison();

  await domains("tiny.yaml", cross);
  const now = await comparison();
  assert.deepEqual(ids(now.new), await topicsOf("tiny"));
  // The same topics as without the crossing, and the same tokens in them.
  assert.deepEqual({ ...now, trials: undefined }, { ...plain, trials: undefined });
  assert.deepEqual([now.trials.differs, now.trials.carried], [["domains, which are crossed"], []]);
  assert(now.trials.earlier > 0);

  await domains("before.yaml", "name=crossed", cross);
  const topics = await topicsOf("crossed");
  const assigned = await runClimb(dir, "assign", "data/runs/crossed", "mixed", "--quiet", "--json");
  assert.equal(assigned.code, 0, assigned.stderr);
  const { parts } = parseAssignment(assigned.stdout);
  assert.deepEqual(
    ids(parts).filter((id) => id.startsWith("domain_")),
    topics,
  );
  assert(parts.some(({ id, documents }) => topics.includes(id) && documents > 0));

  await domains("tiny.yaml", "recluster.from=data/runs/crossed");
  const since = await comparison();
  assert.deepEqual(ids(since.old), topics);
  assert(since.pairs.some(({ overlap }) => overlap > 0.95));
  assert(since.trials.differs.includes("domains, which are crossed"));
  assert.deepEqual(since.trials.carried, []);
}

function ids(parts: readonly { id: string }[]): string[] {
  return parts.map(({ id }) => id);
}

/** What --json says: assignment.json, and where it was written. */
function parseAssignment(stdout: string): Assignment {
  return Assignment.extend({ dir: z.string() }).parse(JSON.parse(stdout));
}

async function artifactFile(folder: string): Promise<ArtifactFile> {
  return ArtifactFile.parse(JSON.parse(await readFile(join(folder, "artifact.json"), "utf8")));
}

async function domainsOf(dir: string, run: string): Promise<string> {
  const text = await readFile(join(dir, "data", "runs", run, "mixture.json"), "utf8");
  return Manifest.parse(JSON.parse(text)).lineage.artifacts["domains"]!;
}
