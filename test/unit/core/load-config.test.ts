import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { configJsonSchema, formatConfig, loadConfig } from "../../../pipeline/core/load-config.ts";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const minimal = `corpus:
  sources:
    - name: a
      files: a.jsonl
targets:
  - name: t
    files: t.jsonl
budget:
  targetTokens: 1000
`;

async function load(text: string, overrides: string[] = []) {
  return withTempDir(async (dir) => {
    const path = join(dir, "my-run.yaml");
    await writeFile(path, text);
    return loadConfig(path, overrides);
  });
}

async function problemOf(text: string, overrides: string[] = []): Promise<string> {
  try {
    await load(text, overrides);
  } catch (error) {
    assert(error instanceof ConfigError, String(error));
    return error.message;
  }
  return assert.fail("the config was accepted");
}

await test("defaults are resolved and the name is the file's", async () => {
  const config = await load(minimal);
  assert.equal(config.name, "my-run");
  assert.deepEqual(config.search.rounds, [16, 16, 16, 16, 16, 16, 16]);
  assert.deepEqual(config.corpus.sources[0]!.files, ["a.jsonl"]);
});

await test("overrides win over the file and are read as YAML", async () => {
  const config = await load(minimal, [
    "search.rounds=[4, 2]",
    "budget.targetTokens=7",
    "corpus.sources.0.name=b",
    "name=x",
  ]);
  assert.deepEqual(config.search.rounds, [4, 2]);
  assert.equal(config.budget.targetTokens, 7);
  assert.equal(config.corpus.sources[0]!.name, "b");
  assert.equal(config.name, "x");
});

await test("an unknown key is named with file, line, column and the nearest valid name", async () => {
  const problem = await problemOf(`${minimal}cluster:\n  clustres: 5\n`);
  assert.match(problem, /my-run\.yaml:11:3: unknown key 'cluster\.clustres'; did you mean 'clusters'\?/);
  const nested = await problemOf(minimal.replace("files: a.jsonl", "files: a.jsonl\n      fromat: jsonl"));
  assert.match(nested, /my-run\.yaml:5:7: unknown key 'corpus\.sources\.0\.fromat'; did you mean 'format'\?/);
});

await test("a wrong value is named with its place and what was expected", async () => {
  assert.match(
    await problemOf(minimal.replace("1000", "many")),
    /my-run\.yaml:9:3: budget\.targetTokens: .*expected number/,
  );
  assert.match(await problemOf(minimal, ["cluster.clusters=0"]), /command line: cluster\.clusters: /);
  assert.match(
    await problemOf(minimal, [
      "search.objective=worst",
      "search.proposer=olmix",
      "search.predictors=[log-linear]",
    ]),
    /search\.objective: should be mean: olmix/,
  );
  assert.match(
    await problemOf(minimal.replace("budget:\n  targetTokens: 1000\n", "")),
    /my-run\.yaml: budget: /,
  );
});

await test("broken YAML, a missing file and a malformed override are config errors", async () => {
  assert.match(await problemOf("corpus: [1, 2\n"), /my-run\.yaml:\d+:\d+: /);
  await assert.rejects(loadConfig("no/such.yaml"), /cannot read the config no\/such\.yaml \(ENOENT\)/);
  assert.match(await problemOf(minimal, ["nonsense"]), /'nonsense' is not an override/);
  assert.match(
    await problemOf(minimal, ["budget.targetTokens.deep=1"]),
    /does not lead to a value|expected number/,
  );
});

await test("a resolved config loads as itself", async () => {
  const config = await load(minimal);
  assert.deepEqual(await load(formatConfig(config)), config);
});

await test("the shipped configs are valid and the committed JSON Schema is the schema's", async () => {
  for (const name of ["quickstart", "paper", "nvidia-recipe", "overnight"]) {
    assert.equal((await loadConfig(join(packageRoot, "configs", `${name}.yaml`))).name, name);
  }
  const committed: unknown = JSON.parse(
    await readFile(join(packageRoot, "configs", "climb.schema.json"), "utf8"),
  );
  assert.deepEqual(committed, JSON.parse(JSON.stringify(configJsonSchema())), "run npm run schema");
});
