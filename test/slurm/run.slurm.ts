/** Whole runs on a real Slurm: the same bytes as on this machine alone, whatever is killed, attached or detached. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { describeFiles } from "../../pipeline/core/marker.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { finish, prepareTinyRun, runClimb, snapshot, startClimb } from "../support/tiny-run.ts";
import { Cluster, until, whyNoCluster } from "./cluster.ts";
import { withSecondChance } from "./second-chance.ts";

const fakeTrainer = join(packageRoot, "dist", "test", "support", "fake-trainer.js");
const trainer = `${process.execPath} ${fakeTrainer} --pace 5`;
/** The trainer itself; the paths alone stand in the command line of climb too. */
const training = "--pace 5 --request";
const onSlurm = ["executor=slurm", "slurm.maxPollSeconds=1", "slurm.markerDelaySeconds=1"];

await test("runs on a real Slurm of four nodes", { skip: whyNoCluster() }, async (t) => {
  const cluster = await Cluster.start({
    nodes: 4,
    cpusPerNode: 2,
    basePort: 17_500,
    extra: { SlurmdTimeout: 6 },
  });
  try {
    await withTempDir(async (local) => {
      await prepareTinyRun(local);
      const alone = await runClimb(local, "run", "tiny.yaml");
      assert.equal(alone.code, 0, alone.stderr);
      const expected = withoutRun(await snapshot(local));

      await t.test("attached, with a task, the coordinator and a node killed on the way", (t) =>
        withSecondChance(t, cluster, () =>
          withTempDir(async (dir) => {
            await prepareTinyRun(dir);
            const first = startClimb(dir, ["run", "tiny.yaml", ...onSlurm]);
            first.stderr!.resume();
            first.stdout!.resume();
            await until("a shard was killed", () => process.kill(shardProcesses(dir)[0]!, "SIGKILL"), 60);
            await until(
              "it has come to the search",
              async () => (await events(dir)).includes('"stage":"search"'),
              120,
            );
            first.kill("SIGKILL");
            const again = startClimb(dir, ["run", "tiny.yaml", ...onSlurm]);
            const ended = finish(again);
            await sleep(2000);
            await cluster.killNode(1);
            const { code, stderr } = await ended;
            assert.equal(code, 0, stderr);
            assert.deepEqual(withoutRun(await snapshot(dir)), expected);
            await cluster.startNode(1);
            await cluster.untilNodesAre("idle", 4);
          }),
        ),
      );

      await t.test("detached: a chain of gates, seen by climb status", (t) =>
        withSecondChance(t, cluster, () =>
          withTempDir(async (dir) => {
            await prepareTinyRun(dir);
            const run = join(dir, "data", "runs", "tiny");
            const started = await runClimb(dir, "run", "tiny.yaml", "--detach", "--json", ...onSlurm);
            assert.equal(started.code, 0, started.stderr);
            const { gates } = JSON.parse(started.stdout) as { gates: { stage: string }[] };
            assert.equal(gates.at(-1)?.stage, "report");
            const twice = await runClimb(dir, "run", "tiny.yaml", "--detach", ...onSlurm);
            assert.equal(twice.code, 4, twice.stderr);
            const status = await runClimb(dir, "status", run, "--json");
            assert.equal(status.code, 0, status.stderr);
            assert((JSON.parse(status.stdout) as { gates: unknown[] }).gates.length > 0);
            await until(
              "the gates have ended",
              () => execFileSync("squeue", ["-h"], { encoding: "utf8" }).trim() === "",
              240,
            );
            const log = await readFile(join(run, "slurm", "report.out"), "utf8");
            assert.deepEqual(withoutRun(await snapshot(dir)), expected, log);
          }),
        ),
      );

      await t.test("materialised, with a task killed on the way", (t) =>
        withSecondChance(t, cluster, () =>
          withTempDir(async (dir) => {
            const run = join(local, "data", "runs", "tiny");
            const options = ["--tokens", "50000", "--format", "jsonl", "--shard-bytes", "40KB", "--json"];
            const alone = await runClimb(local, "materialize", run, ...options, "--out", join(dir, "alone"));
            assert.equal(alone.code, 0, alone.stderr);
            // The run was made here; what it would ask a scheduler for stands in its config all the same.
            const jobs = startClimb(local, [
              "materialize",
              run,
              ...options,
              "--slurm",
              "--out",
              join(dir, "jobs"),
            ]);
            const ended = finish(jobs);
            await until("a shard was killed", () => process.kill(shardProcesses(dir)[0]!, "SIGKILL"), 60);
            const { code, stderr } = await ended;
            assert.equal(code, 0, stderr);
            assert.deepEqual(await hashes(join(dir, "jobs")), await hashes(join(dir, "alone")));
          }),
        ),
      );

      const long = process.env["CLIMB_LONG"] === undefined && "takes minutes: CLIMB_LONG=1 runs it";
      await t.test("searched with an external trainer, a training killed on the way", { skip: long }, (t) =>
        withSecondChance(t, cluster, () =>
          withTempDir(async (dir) => {
            const external = [
              "proxyTokenizer={kind: bpe, vocabularySize: 512}",
              `search.proxy={kind: external, command: ${trainer}, contextTokens: 32, batchSequences: 8}`,
              "search.rounds=[6]",
              "search.shardTrials=1",
            ];
            const alone = await runClimb(local, "run", "tiny.yaml", "name=external", ...external);
            assert.equal(alone.code, 0, alone.stderr);
            await prepareTinyRun(dir);
            const jobs = startClimb(dir, ["run", "tiny.yaml", "name=external", ...external, ...onSlurm]);
            const ended = finish(jobs);
            await until("a training was killed", () => process.kill(processes(training)[0]!, "SIGKILL"), 180);
            const { code, stderr } = await ended;
            assert.equal(code, 0, stderr);
            assert.equal(await externalMixture(dir), await externalMixture(local));
          }),
        ),
      );

      await t.test("cancelled from another shell, and gone on with", (t) =>
        withSecondChance(t, cluster, () =>
          withTempDir(async (dir) => {
            await prepareTinyRun(dir);
            const run = join(dir, "data", "runs", "tiny");
            const started = await runClimb(dir, "run", "tiny.yaml", "--detach", ...onSlurm);
            assert.equal(started.code, 0, started.stderr);
            await until("a shard runs", () => shardProcesses(dir).length > 0, 60);
            const cancelled = await runClimb(dir, "cancel", run);
            assert.equal(cancelled.code, 0, cancelled.stderr);
            assert.match(cancelled.stdout, /gate job \d+/);
            await until(
              "nothing is left",
              () => execFileSync("squeue", ["-h"], { encoding: "utf8" }).trim() === "",
              60,
            );
            const again = await runClimb(dir, "run", "tiny.yaml");
            assert.equal(again.code, 0, again.stderr);
            assert.deepEqual(withoutRun(await snapshot(dir)), expected);
          }),
        ),
      );
    });
  } finally {
    await cluster.stop();
  }
});

/** sha256 of every file below a folder, by its path there. */
async function hashes(dir: string): Promise<Record<string, string>> {
  const files = await describeFiles(dir);
  return Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]));
}

/** Without what says where the work was done: the resolved config and Slurm's own logs. */
function withoutRun(hashes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(hashes).filter(([name]) => !/config\.resolved\.yaml$|\/slurm\//.test(name)),
  );
}

function shardProcesses(dir: string): number[] {
  return processes(`--step ${dir}`);
}

function processes(pattern: string): number[] {
  try {
    const text = execFileSync("pgrep", ["-f", "--", pattern], { encoding: "utf8" });
    return text.split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function externalMixture(dir: string): Promise<string> {
  return readFile(join(dir, "data", "runs", "external", "mixture.json"), "utf8");
}

function events(dir: string): Promise<string> {
  return readFile(join(dir, "data", "runs", "tiny", "events.jsonl"), "utf8").catch(() => "");
}
