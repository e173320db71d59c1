/** Mistakes a user makes: found before the work they would spoil, with a code, the place and the remedy. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { finish, prepareFinishedRun, prepareTinyRun, runClimb } from "../support/tiny-run.ts";

await test("each mistake ends with its code and says what to do", () =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    const cases: [override: string, code: number, message: RegExp][] = [
      [
        "corpus.sources.0.fields.text=body",
        3,
        /source fiction gave no document: .*no value under 'body'; the record has id, text/,
      ],
      ["corpus.sources.0.scores=[edu]", 3, /source fiction: no document has a number under 'edu'/],
      ["corpus.sources.0.scores=[cluster]", 2, /score column 'cluster' has the name of another column/],
      [
        "corpus.sources.1.name=fiction",
        2,
        /corpus\.sources\.1\.name: 'fiction' is the name of another one too/,
      ],
      ["budget.targetTokens=900000000", 2, /budget\.targetTokens=900000000 should be well below/],
      ["budget.proxyTokens=900000000", 2, /budget\.proxyTokens: should be <= targetTokens/],
      ["search.rounds=[2]", 2, /search\.rounds: the first round should be at least 4/],
      ["cluster.clusters=5000", 2, /5000/],
      ["embed.model=./no-such-model", 3, /no-such-model/],
      ["name=..", 2, /name: /],
    ];
    for (const [override, code, message] of cases) {
      const run = await runClimb(dir, "cluster", "tiny.yaml", override);
      assert.equal(run.code, code, `${override}: ${run.stderr}`);
      assert.match(run.stderr, message);
      assert.match(run.stderr, /hint: /, override);
      assert.equal(run.stdout, "");
    }
  }));

await test("every stage script runs by itself", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    for (const stage of ["holdout", "cluster"]) {
      const script = join(packageRoot, "dist", "stages", `${stage}.js`);
      const { code, stdout, stderr } = await finish(
        spawn(process.execPath, [script, "tiny.yaml"], { cwd: dir, stdio: ["ignore", "pipe", "pipe"] }),
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`artifacts/${stage}-[0-9a-f]{12}\n`));
    }
  }));

await test("a reader that stops listening is no failure", async () => {
  const child = spawn(process.execPath, [join(packageRoot, "dist", "stages", "cli.js"), "--help"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, stderr);
});

await test("a page nested beyond every parser's stack still gives its text", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const page = `${"<div>".repeat(20_000)}${"Words that were on the page, deep inside. ".repeat(5)}${"</div>".repeat(20_000)}`;
    await writeFile(join(dir, "corpus", "deep.html"), page);
    const config = (await readFile(join(dir, "tiny.yaml"), "utf8")).replace(
      "sources:",
      "sources:\n    - { name: deep, files: corpus/deep.html }",
    );
    await writeFile(join(dir, "tiny.yaml"), config);
    const { code, stderr } = await runClimb(dir, "ingest", "tiny.yaml");
    assert.equal(code, 0, stderr);
  }));
