/** propose, tell and confirm, by the real command line on a finished run. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import type { Proposal } from "../../pipeline/search/ask-ledger.ts";
import { prepareTinyRun, runClimb } from "../support/tiny-run.ts";
import { withTempDir } from "../support/temp-dir.ts";

const run = join("data", "runs", "tiny");

async function proposals(dir: string, ...args: string[]): Promise<Proposal[]> {
  const { code, stdout, stderr } = await runClimb(dir, "propose", run, "--quiet", "--json", ...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Proposal[];
}

await test("propose and tell go on where they were; confirm follows the gain and the manifest carries it", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    await writeFile(
      join(dir, "other.json"),
      JSON.stringify({ train_domain_weights: { domain_0: 1, domain_1: 1 } }),
    );
    const other = "search.given=[{name: doremi, file: other.json}]";
    const made = await runClimb(dir, "run", "tiny.yaml", other, "--quiet");
    assert.equal(made.code, 0, made.stderr);

    const first = await proposals(dir, "-n", "5");
    assert.equal(first.length, 5);
    assert.equal(first[0]!.by, "doremi");
    const results = first.map(({ id, weights }) => ({ id, losses: { news: 2 + weights["domain_0"]! ** 2 } }));
    const lines = results.map((result) => `${JSON.stringify(result)}\n`);
    await writeFile(join(dir, "results.jsonl"), lines.slice(1).join(""));
    const told = await runClimb(dir, "tell", run, "results.jsonl", "--quiet", "--json");
    assert.equal(told.code, 0, told.stderr);
    const said = JSON.parse(told.stdout) as { told: number; pending: number; advice: { trials: number } };
    assert.deepEqual([said.told, said.pending, said.advice.trials], [4, 1, 4]);
    assert.deepEqual(await proposals(dir, "--pending"), first.slice(0, 1));
    const second = await proposals(dir, "-n", "3");
    assert.ok(second.every(({ id }) => !first.some((before) => before.id === id)));

    await writeFile(join(dir, "bad.jsonl"), `${lines[0]}{"id": "mix-none", "losses": {"news": 1}}\n`);
    const refused = await runClimb(dir, "tell", run, "bad.jsonl", "--quiet");
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /nobody proposed mix-none/);
    assert.deepEqual((await proposals(dir, "--pending")).length, 4, "nothing of a bad file is taken");

    const confirmed = await runClimb(dir, "confirm", run, "--quiet");
    assert.equal(confirmed.code, 0, confirmed.stderr);
    const manifest = JSON.parse(await readFile(join(dir, run, "mixture.json"), "utf8")) as Manifest;
    const [found] = manifest.scale!.trends;
    assert.deepEqual(
      found!.gaps.map(({ tokens, bySeed }) => [tokens, bySeed.length]),
      [
        [3750, 3],
        [15_000, 3],
        [60_000, 3],
      ],
    );
    assert.ok(confirmed.stdout.includes(manifest.scale!.text));
    assert.match(await readFile(join(dir, run, "report.html"), "utf8"), /Does it last\?/);
  }));
