/**
 * What can go wrong on a cluster, done to a real one. After each fault the outputs must be right, complete, there once,
 * and hashed. The list is that of the reference notes on Slurm; none of these is simulated.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, DiskFullError, IncompleteError } from "../../pipeline/core/errors.ts";
import { parseQueue, queueFormat } from "../../pipeline/slurm/queue-format.ts";
import { Cluster, until, whyNoCluster } from "./cluster.ts";
import {
  assertComplete,
  type FaultPlan,
  jobNameOf,
  logLines,
  run,
  startProcess,
  starts,
  stepDirOf,
} from "./fault-run.ts";
import { completeAllBut } from "./prepared-step.ts";
import { withSecondChance } from "./second-chance.ts";

let base = "";
let folders = 0;

type Case = (cluster: Cluster) => Promise<void>;
const cases: [name: string, body: Case][] = [];

/** A case of the suite; they run one after another on one cluster. */
function fault(name: string, body: Case): void {
  cases.push([name, body]);
}

function plan(shards: number, more: Partial<FaultPlan> = {}): FaultPlan {
  return { dir: join(base, `case-${folders++}`), shards, ...more };
}

function queue(jobName: string) {
  const text = execFileSync("squeue", ["-h", "-r", "-t", "all", "-n", jobName, "-o", queueFormat], {
    encoding: "utf8",
  });
  return parseQueue(text);
}

function live(jobName: string) {
  return queue(jobName).filter(({ state }) => state === "RUNNING" || state === "PENDING");
}

/** Processes of the step's shards, on whichever node. */
function shardProcesses(of: FaultPlan): number[] {
  try {
    const text = execFileSync("pgrep", ["-f", `fault-script.js --step ${stepDirOf(of)}`], {
      encoding: "utf8",
    });
    return text.split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function untilRunning(of: FaultPlan, count: number): Promise<void> {
  await until(`${count} shards run`, async () => (await starts(of)).size >= count, 60);
}

fault("nothing goes wrong; a second run submits nothing", async () => {
  const calm = plan(12, { seconds: 0.3 });
  await run(calm);
  await assertComplete(calm);
  const before = await logLines(calm.dir);
  await run(calm);
  assert.deepEqual(await logLines(calm.dir), before);
});

fault("kill -9 of two tasks: only they are tried again", async () => {
  const killed = plan(8, { seconds: 3 });
  const running = run(killed);
  await untilRunning(killed, 6);
  const victims = shardProcesses(killed).slice(0, 2);
  assert.equal(victims.length, 2);
  for (const pid of victims) process.kill(pid, "SIGKILL");
  const { events } = await running;
  await assertComplete(killed);
  assert.equal(events.filter(({ event }) => event === "retry").length, 2);
  assert.equal([...(await starts(killed)).values()].filter((count) => count === 2).length, 2);
});

fault("a death between output and marker: those shards are done again", async () => {
  const died = plan(4, { seconds: 0.2 });
  await run(died);
  // What such a death leaves: the output at its final name, and no marker.
  for (const shard of ["00001", "00003"]) await rm(join(stepDirOf(died), "done", `${shard}.json`));
  await run(died);
  await assertComplete(died);
  const counts = await starts(died);
  assert.deepEqual(
    [0, 1, 2, 3].map((shard) => counts.get(shard)),
    [1, 2, 1, 2],
  );
});

fault("kill -9 of the coordinator: the next one takes over what runs", async () => {
  const orphaned = plan(8, { seconds: 4 });
  const first = startProcess(orphaned);
  await untilRunning(orphaned, 8);
  first.kill("SIGKILL");
  await once(first, "close");
  assert.equal(live(jobNameOf(orphaned)).length, 8);
  await run(orphaned);
  await assertComplete(orphaned);
  assert.deepEqual(
    [...(await starts(orphaned)).values()],
    Array.from({ length: 8 }, () => 1),
  );
});

fault("two coordinators at once: every output is there once", async () => {
  const doubled = plan(6, { seconds: 1 });
  await Promise.all([run(doubled), sleep(100).then(() => run(doubled))]);
  await assertComplete(doubled);
});

fault("a second array of the same shards: both finish, one output each stands", async () => {
  const twice = plan(4, { seconds: 2 });
  const running = run(twice);
  await untilRunning(twice, 4);
  const script = await readFile(join(stepDirOf(twice), "slurm", "array-0.sbatch"), "utf8");
  execFileSync("sbatch", [], { input: script });
  await running;
  await assertComplete(twice);
  await until("the copies are gone", () => live(jobNameOf(twice)).length === 0, 30);
  assert.equal((await readdir(join(stepDirOf(twice), "out"))).length, 4);
});

fault("outputs and markers damaged afterwards: cut, torn, empty, another's; input changed", async () => {
  const damaged = plan(6, { seconds: 0.1 });
  await run(damaged);
  const done = (shard: number) => join(stepDirOf(damaged), "done", `0000${shard}.json`);
  const outputs = await readdir(join(stepDirOf(damaged), "out"));
  const first = outputs.find((name) => name.startsWith("00000."))!;
  await truncate(join(stepDirOf(damaged), "out", first, "data.bin"), 10);
  await truncate(done(1), 20);
  await truncate(done(2), 0);
  await writeFile(done(3), await readFile(done(4)));
  await run(damaged);
  await assertComplete(damaged);
  const counts = await starts(damaged);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((shard) => counts.get(shard)),
    [2, 2, 2, 2, 1, 1],
  );
  const changed = { ...damaged, key: "other" };
  await run(changed);
  await assertComplete(changed);
  assert.deepEqual(
    [...(await starts(changed)).values()].reduce((sum, count) => sum + count, 0),
    10 + 6,
  );
});

fault("planned failures, one of every shard", async () => {
  const failing = plan(4, { seconds: 0.1, failOnce: [0, 1, 2, 3] });
  const { events } = await run(failing);
  assert.equal(events.filter(({ event }) => event === "retry").length, 4);
  await assertComplete(failing);
});

fault("a user's scancel stops the run; the next one goes on", async () => {
  const cancelled = plan(6, { seconds: 5 });
  const stopped = assert.rejects(run(cancelled), (error) => {
    assert(error instanceof IncompleteError);
    assert.match(error.message, /cancelled/);
    return true;
  });
  await untilRunning(cancelled, 4);
  execFileSync("scancel", ["-n", jobNameOf(cancelled)]);
  await stopped;
  assert.equal(live(jobNameOf(cancelled)).length, 0);
  await run(cancelled);
  await assertComplete(cancelled);
});

fault("a job that can never start is refused, or withdrawn, by name", async () => {
  for (const slurm of [{ cpus: 64 }, { partition: "nowhere" }, { memory: "900G" }, { gres: "gpu:8" }]) {
    await assert.rejects(run(plan(2, { slurm })), ConfigError);
  }
});

fault("a job that becomes hopeless while it waits is named and withdrawn", async () => {
  const stuck = plan(2, { slurm: { time: "30" } });
  // Drained nodes come back some day: the jobs wait. A job that an administrator holds does not.
  execFileSync("scontrol", ["update", "NodeName=n[1-4]", "State=DRAIN", "Reason=test"]);
  try {
    const refused = assert.rejects(run(stuck), (error) => {
      assert(error instanceof ConfigError, String(error));
      assert.match(error.message, /never start: .*JobHeldAdmin/);
      return true;
    });
    await until("it waits", () => live(jobNameOf(stuck)).length === 2, 30);
    await sleep(3000);
    const jobs = new Set(queue(jobNameOf(stuck)).map(({ jobId }) => String(jobId)));
    execFileSync("scontrol", ["hold", ...jobs]);
    await refused;
  } finally {
    execFileSync("scontrol", ["update", "NodeName=n[1-4]", "State=RESUME"]);
  }
  assert.equal(live(jobNameOf(stuck)).length, 0);
});

fault("the time limit: shards are told before, save, and go on in another job", async () => {
  // Limits count in minutes and are looked at now and then: the signal comes somewhere in the first one.
  const limited = plan(2, { seconds: 75, slurm: { time: "1" } });
  const { events } = await run(limited);
  await assertComplete(limited);
  assert(events.some((event) => event.event === "retry" && event.reason === "saved to go on"));
  const ends = (await logLines(limited.dir)).filter((line) => line.startsWith("end"));
  assert(
    ends.every((line) => !line.endsWith("from 0")),
    ends.join("; "),
  );
});

fault("a log folder that cannot be made is named before anything is submitted", async () => {
  const unloggable = plan(2);
  await mkdir(stepDirOf(unloggable), { recursive: true });
  await writeFile(join(stepDirOf(unloggable), "logs"), "a file where the folder should be");
  await assert.rejects(run(unloggable), (error) => {
    assert(error instanceof ConfigError);
    assert.match(error.message, /logs cannot be written/);
    return true;
  });
  assert.equal(queue(jobNameOf(unloggable)).length, 0);
});

fault("more shards than an array may have", async () => {
  const wide = plan(1012, { seconds: 0, bytes: 10 });
  // All done already but for a few on either side of the largest index.
  await mkdir(wide.dir, { recursive: true });
  await completeAllBut(wide, new Set([0, 1000, 1001, 1011]));
  await run(wide);
  await assertComplete(wide);
  assert.deepEqual(
    [...(await starts(wide)).keys()].toSorted((left, right) => left - right),
    [0, 1000, 1001, 1011],
  );
});

fault("the disk fills up: exit with a remedy, nothing half-made, and after it the rest", async () => {
  const full = { ...plan(6, { seconds: 0.1, bytes: 900_000 }), dir: join(base, "small-disk", "case") };
  await assert.rejects(run(full), (error) => {
    assert(error instanceof DiskFullError, String(error));
    return true;
  });
  assert.equal(live(jobNameOf(full)).length, 0);
  assert.deepEqual(await readdir(join(stepDirOf(full), "tmp")), []);
  execFileSync("mount", ["-o", "remount,size=60m", join(base, "small-disk")]);
  // The nodes hold the same file system, so they see its new size.
  await run(full);
  await assertComplete(full);
});

fault("an ordinary user, and from inside a job", async () => {
  const plain = plan(3, { seconds: 0.1 });
  await mkdir(plain.dir, { recursive: true });
  await chmod(plain.dir, 0o777);
  const driver = join(import.meta.dirname, "fault-run.js");
  const printed = execFileSync(
    "runuser",
    ["-u", "nobody", "--", process.execPath, driver, JSON.stringify(plain)],
    {
      encoding: "utf8",
    },
  );
  assert.equal(printed, "3\n");
  await assertComplete(plain);

  const inside = plan(3, { seconds: 0.1 });
  const command = `${process.execPath} ${driver} '${JSON.stringify(inside)}'`;
  execFileSync("sbatch", ["--wait", "-o", join(base, "inside.out"), "--wrap", command], { stdio: "ignore" });
  assert.equal(await readFile(join(base, "inside.out"), "utf8"), "3\n");
  await assertComplete(inside);
});

fault("a node is lost with its tasks: they are done elsewhere", async (slurm) => {
  const lost = plan(8, { seconds: 8 });
  const running = run(lost);
  await untilRunning(lost, 8);
  await slurm.killNode(2);
  await running;
  await assertComplete(lost);
  const again = [...(await starts(lost)).values()].filter((count) => count > 1).length;
  assert(again >= 1 && again <= 2, `${again} shards were on the lost node`);
  await slurm.startNode(2);
  await slurm.untilNodesAre("idle", 4);
});

fault("a partition: two live copies of a shard, one output", async (slurm) => {
  // Longer than Slurm takes to give the node up, with SlurmdTimeout=6 some 25 s; one node is free for the second copies.
  const parted = plan(6, { seconds: 45 });
  const running = run(parted);
  await untilRunning(parted, 6);
  const node = Number(live(jobNameOf(parted))[0]!.node.slice(1));
  slurm.freezeNode(node);
  try {
    await until("a shard runs twice", async () => Math.max(...(await starts(parted)).values()) === 2, 90);
    await running;
    await assertComplete(parted);
  } finally {
    slurm.thawNode(node);
  }
  await slurm.untilNodesAre("idle", 4);
  await until("the copies are gone", () => shardProcesses(parted).length === 0, 60);
  assert.equal((await readdir(join(stepDirOf(parted), "out"))).length, 6);
});

fault("the controller is killed right after a submit and forgets it; ids are given anew", async (slurm) => {
  const forgotten = plan(6, { seconds: 6 });
  const running = run(forgotten);
  await untilRunning(forgotten, 1);
  await slurm.killController();
  await sleep(8000);
  await slurm.startController();
  await running;
  await assertComplete(forgotten);
  // Nodes that still know the old ids are drained when these are given again: not in the cases to come.
  await slurm.restart();
});

fault("the controller is away while the queue is asked", async (slurm) => {
  const waiting = plan(8, { seconds: 12 });
  const running = run(waiting);
  await untilRunning(waiting, 8);
  await sleep(3000);
  await slurm.killController();
  await sleep(12_000);
  await slurm.startController();
  const { markers } = await running;
  assert.equal(markers.length, 8);
  await assertComplete(waiting);
});

fault(
  "jobs that Slurm has forgotten, because they ended long ago, are judged by their markers",
  async (slurm) => {
    await slurm.reconfigure({ MinJobAge: 2 });
    const old = plan(4, { seconds: 0.1, slurm: { maxPollSeconds: 8 } });
    await run(old);
    await assertComplete(old);
    await until("Slurm has forgotten them", () => queue(jobNameOf(old)).length === 0, 60);
    await rm(join(stepDirOf(old), "done", "00002.json"));
    await run(old);
    await assertComplete(old);
    assert.deepEqual(
      [...(await starts(old)).values()].reduce((sum, count) => sum + count, 0),
      5,
    );
  },
);

await test("faults on a real Slurm of four nodes", { skip: whyNoCluster() }, async (t) => {
  base = await mkdtemp(join(tmpdir(), "climb-slurm-"));
  await chmod(base, 0o777);
  // Before the nodes start: they do not see what is mounted later.
  const smallDisk = join(base, "small-disk");
  await mkdir(smallDisk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", smallDisk]);
  const cluster = await Cluster.start({
    nodes: 4,
    cpusPerNode: 2,
    basePort: 17_400,
    extra: { SlurmdTimeout: 6 },
  });
  try {
    // FAULTS=time limit runs the cases whose names match.
    const wanted = new RegExp(process.env["FAULTS"] ?? "");
    for (const [name, body] of cases.filter(([name]) => wanted.test(name)))
      await t.test(name, (t) =>
        withSecondChance(t, cluster, async () => {
          // What an earlier case left in the queue would take this one's processors.
          execFileSync("scancel", ["--quiet", "--user=root"]);
          await cluster.untilNodesAre("idle", 4);
          await body(cluster);
        }),
      );
  } finally {
    await cluster.stop();
    execFileSync("umount", ["-l", smallDisk]);
    await rm(base, { recursive: true, force: true });
  }
});
