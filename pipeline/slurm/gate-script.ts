/**
 * A detached run is a chain of small jobs, one a stage. Each runs the coordinator of its stage, which submits the arrays
 * and ends well only when every marker is there: the gate to the next one. So nothing depends on what Slurm says of an
 * array, which has been seen to be wrong (an afterok on a job it has forgotten runs at once).
 */
import { join } from "node:path";
import { quote } from "zx";
import { hashJson } from "../core/hash.ts";
import type { SlurmConfig } from "../schema/slurm-config.ts";
import { resourceOptions } from "./shard-script.ts";

interface Gate {
  readonly runDir: string;
  readonly stage: string;
  /** Absolute folder the command is run in. */
  readonly workingDirectory: string;
  /** The coordinator: node, script and arguments. */
  readonly command: readonly string[];
  /** Job that must have ended well before. */
  readonly after: number | undefined;
}

/** By which all gates of a run are found: they differ in nothing else but the stage. */
export function gateJobName(runDir: string, stage: string): string {
  return `climb-gate:${hashJson(runDir).slice(0, 12)}:${stage}`;
}

/** Where a gate's output goes. */
export function gateLog(runDir: string, stage: string): string {
  return join(runDir, "slurm", `${stage}.out`);
}

export function gateScript(gate: Gate, config: SlurmConfig): string {
  const { runDir, stage, workingDirectory, command, after } = gate;
  const options = [
    `--job-name=${gateJobName(runDir, stage)}`,
    `--output="${gateLog(runDir, stage)}"`,
    `--chdir="${workingDirectory}"`,
    "--open-mode=append",
    // The same job again after a lost node or a time limit, so that the gates behind it go on waiting.
    "--requeue",
    "--signal=B:USR1@90",
    "--export=ALL",
    ...(after === undefined ? [] : [`--dependency=afterok:${after}`, "--kill-on-invalid-dep=yes"]),
    ...resourceOptions({ ...config, stages: { gate: config.gate } }, "gate"),
    ...config.sbatchArguments,
  ];
  return [
    "#!/bin/bash",
    ...options.map((option) => `#SBATCH ${option}`),
    ...config.setup,
    `${command.map((word) => quote(word)).join(" ")} &`,
    "coordinator=$!",
    "limit=0",
    // The arrays go on; the coordinator takes them over when this job starts again.
    "trap 'limit=1; kill -USR1 $coordinator' USR1",
    "wait $coordinator; code=$?",
    "while kill -0 $coordinator 2>/dev/null; do wait $coordinator; code=$?; done",
    'if [ $limit = 1 ] && [ $code != 0 ]; then scontrol requeue "$SLURM_JOB_ID"; sleep 60; fi',
    "exit $code",
    "",
  ].join("\n");
}
