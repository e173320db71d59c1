/** propose, tell and confirm, by the real command line on a finished run; propose and tell survive kill -9. */
import assert from "node:assert/strict";
import { mkdirSync, watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import type { Proposal } from "../../pipeline/search/ask-ledger.ts";
import { finish, prepareFinishedRun, runClimb, startClimb } from "../support/tiny-run.ts";
import { withTempDir } from "../support/temp-dir.ts";

const run = join("data", "runs", "tiny");

async function proposals(dir: string, ...args: string[]): Promise<Proposal[]> {
  const { code, stdout, stderr } = await runClimb(dir, "propose", run, "--quiet", "--json", ...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Proposal[];
}

/** Runs a command that is killed as soon as a file whose name matches changes in the run's search folder. */
async function killedAt(dir: string, moment: RegExp, ...args: string[]): Promise<void> {
  const folder = join(dir, run, "search");
  mkdirSync(folder, { recursive: true });
  const child = startClimb(dir, args);
  const watcher = watch(folder, (_, file) => {
    if (file !== null && moment.test(file)) child.kill("SIGKILL");
  });
  const { code, stderr } = await finish(child);
  watcher.close();
  // Where the kill came a moment late the command has ended well.
  assert.ok(child.signalCode === "SIGKILL" || code === 0, stderr);
}

const whileWriting = (name: string) => new RegExp(`^${name}\\..*tmp$`);
const onceWritten = (name: string) => new RegExp(`^${name}$`);

await test("propose and tell go on where they were; confirm follows the gain and the manifest carries it", () =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    await writeFile(
      join(dir, "other.json"),
      JSON.stringify({ train_domain_weights: { domain_0: 1, domain_1: 1 } }),
    );
    const other = "search.given=[{name: doremi, file: other.json}]";
    const made = await runClimb(dir, "run", "tiny.yaml", other, "--quiet");
    assert.equal(made.code, 0, made.stderr);

    await killedAt(dir, whileWriting("proposals.jsonl"), "propose", run, "-n", "5", "--quiet");
    const left = await proposals(dir, "--pending");
    assert.ok([0, 5].includes(left.length), `${left.length} of 5 proposals were kept`);
    const first = left.length > 0 ? left : await proposals(dir, "-n", "5");
    assert.equal(first.length, 5);
    assert.equal(first[0]!.by, "doremi");
    const results = first.map(({ id, weights }) => ({ id, losses: { news: 2 + weights["domain_0"]! ** 2 } }));
    const lines = results.map((result) => `${JSON.stringify(result)}\n`);
    await writeFile(join(dir, "results.jsonl"), lines.slice(1).join(""));
    await killedAt(dir, onceWritten("answers.jsonl"), "tell", run, "results.jsonl", "--quiet");
    const told = await runClimb(dir, "tell", run, "results.jsonl", "--quiet", "--json");
    assert.equal(told.code, 0, told.stderr);
    const said = JSON.parse(told.stdout) as {
      repeated: number;
      pending: number;
      advice: { trials: number };
    };
    assert.deepEqual([said.repeated, said.pending, said.advice.trials], [4, 1, 4], "told before the kill");
    await killedAt(dir, onceWritten("proposals.jsonl"), "propose", run, "-n", "3", "--quiet");
    const [waiting, ...second] = await proposals(dir, "--pending");
    assert.deepEqual(waiting, first[0]);
    assert.equal(second.length, 3, "what was written before the kill is pending");
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
