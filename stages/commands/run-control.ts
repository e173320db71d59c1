/** `climb status`, `climb logs`, `climb cancel`: looking at and ending a run from another shell. */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { InputError } from "../../pipeline/core/errors.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { isHeldHere } from "../../pipeline/core/run-lock.ts";
import { gateJobName } from "../../pipeline/slurm/gate-script.ts";
import { slurmJobName } from "../../pipeline/slurm/shard-script.ts";
import { isLiveElement } from "../../pipeline/slurm/shard-states.ts";
import { CommandLineClient } from "../../pipeline/slurm/slurm-client.ts";
import { SlurmExecutor } from "../../pipeline/slurm/slurm-executor.ts";
import { readRunState, type RunState, type StepState } from "./run-state.ts";

interface Printed {
  readonly json?: boolean;
}

export async function statusCommand(run: string, { json = false }: Printed): Promise<void> {
  const runDir = resolve(run);
  const state = await readRunState(runDir);
  const slurm = state.config.executor === "slurm" ? new CommandLineClient() : undefined;
  const gates = (await slurm?.liveJobs(gateJobName(runDir, ""))) ?? [];
  const stages = await Promise.all(
    state.stages.map(async ({ stage, state: is, artifact, steps }) => ({
      stage,
      state: is,
      artifact,
      steps: await Promise.all(
        steps.map(async (step) => {
          const live = (await slurm?.queue(slurmJobName(step.job)))?.filter((element) =>
            isLiveElement(element),
          );
          return {
            step: step.step,
            shards: step.shards,
            done: step.done,
            failed: step.failed,
            ...(live === undefined
              ? {}
              : {
                  running: live.filter(({ state: at }) => at !== "PENDING").length,
                  pending: live.filter(({ state: at }) => at === "PENDING").length,
                }),
          };
        }),
      ),
    })),
  );
  const facts = {
    host: state.host,
    pid: state.pid,
    started: state.started,
    coordinator: await coordinatorOf(state),
  };
  if (json) {
    process.stdout.write(`${JSON.stringify({ run: runDir, ...facts, stages, gates })}\n`);
    return;
  }
  const lines = [
    `${runDir}: process ${facts.pid} on ${facts.host}, ${facts.coordinator}, started ${facts.started}`,
  ];
  for (const { stage, state: is, artifact, steps } of stages) {
    lines.push(`${stage.padEnd(16)}  ${is.padEnd(8)}  ${artifact}`);
    for (const { step, shards, done, failed, ...live } of steps) {
      const queue = "running" in live ? `, ${live.running} running, ${live.pending} pending` : "";
      const trouble = failed.length === 0 ? "" : `, last failed: ${failed.slice(0, 8).join(" ")}`;
      lines.push(`  ${step}: ${done} of ${shards} shards done${queue}${trouble}`);
    }
  }
  for (const { jobId, name, state: is, reason } of gates) {
    lines.push(
      `gate ${name.split(":").at(-1)}: job ${jobId} ${is}${reason === "None" ? "" : ` (${reason})`}`,
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

export async function logsCommand(run: string, stage: string, shard: string): Promise<void> {
  const { stages, config } = await readRunState(resolve(run));
  const asked = stages.filter(({ stage: name }) => name === stage || name.startsWith(`${stage} `));
  if (asked.length === 0)
    throw new InputError(`${run} has no stage '${stage}'`, `climb status ${run} lists its stages`);
  const steps = asked.flatMap(({ steps: inStage }) => inStage);
  if (steps.length === 0) {
    throw new InputError(
      `stage ${stage} is not under way: its shards' logs went with its working folder`,
      `climb status ${run} lists the stages`,
    );
  }
  if (!/^\d+$/.test(shard) || steps.every(({ shards }) => Number(shard) >= shards)) {
    const counts = steps.map(({ step, shards }) => `${step} has ${shards}`).join(", ");
    throw new InputError(`'${shard}' is no shard of ${stage}`, `shards count from 0; ${counts}`);
  }
  let found = 0;
  for (const { job } of steps) {
    const logs = [
      ...(await new LocalExecutor(1).logs(job, Number(shard))),
      ...(await new SlurmExecutor(config.slurm).logs(job, Number(shard))),
    ];
    for (const log of logs) {
      found++;
      process.stdout.write(`==> ${log} <==\n${await readFile(log, "utf8")}\n`);
    }
  }
  if (found === 0) process.stderr.write(`shard ${shard} of ${stage} has written nothing yet\n`);
}

/** Ends the coordinator if it runs on this host, and on Slurm the gates and arrays. What is done is kept. */
export async function cancelCommand(run: string): Promise<void> {
  const runDir = resolve(run);
  const state = await readRunState(runDir);
  const ended: string[] = [];
  if (state.config.executor === "slurm") {
    const client = new CommandLineClient();
    for (const { name, jobId } of await client.liveJobs(gateJobName(runDir, ""))) {
      await client.cancel(name);
      ended.push(`gate job ${jobId}`);
    }
    for (const step of stepsOf(state)) {
      const live = (await client.queue(slurmJobName(step.job))).filter((element) => isLiveElement(element));
      if (live.length === 0) continue;
      await client.cancel(slurmJobName(step.job));
      ended.push(`${live.length} shards of ${step.step}`);
    }
  }
  if ((await coordinatorOf(state)) === "running") {
    process.kill(state.pid, "SIGTERM");
    ended.push(`process ${state.pid}`);
  }
  process.stdout.write(ended.length === 0 ? "nothing of this run is under way\n" : `${ended.join("\n")}\n`);
}

function stepsOf({ stages }: RunState): StepState[] {
  return stages.flatMap(({ steps }) => steps);
}

/** Whether the process that last started the run still holds the lock of one of its stages. */
async function coordinatorOf({ host, artifactsDir, stages }: RunState): Promise<string> {
  for (const { state, artifact } of stages) {
    if (state !== "started") continue;
    if (host !== hostname()) return "last seen on that host";
    if (await isHeldHere(join(artifactsDir, ".work", `${artifact}.lock`))) return "running";
  }
  return "ended";
}
