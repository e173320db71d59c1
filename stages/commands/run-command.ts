/** What `climb run` and `climb <stage>` do once the command line is understood. */
import { join, resolve } from "node:path";
import { artifactBytes } from "../../pipeline/core/artifact.ts";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import type { Progress } from "../../pipeline/core/progress.ts";
import { type Environment, runStage } from "../../pipeline/core/stage.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { climb, type StageName, type StageRunner } from "../climb.ts";
import { recordTiming, stageCost } from "./cost.ts";
import { createExecutor, workersOf } from "./create-executor.ts";
import { arrayScripts, detach, gateScripts } from "./detach.ts";
import { planRun, planText } from "./dry-run.ts";
import { openRunDirectory, publishRun } from "./run-directory.ts";
import { summaryJson, summaryText } from "./summary.ts";
import { terminalProgress } from "./terminal.ts";

export interface RunOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly detach?: boolean;
  /** A section of the config that may be left out, but not here. */
  readonly needs?: "recluster";
}

/** @returns the run's folder */
export async function runCommand(
  until: StageName,
  path: string,
  overrides: readonly string[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<string> {
  const config = await loadConfig(path, overrides);
  if (options.needs !== undefined && config[options.needs] === null) {
    throw new ConfigError(
      `${path} has no section ${options.needs}`,
      "name the earlier run's folder: recluster: { from: data/runs/quickstart }",
    );
  }
  if (options.out === "")
    throw new ConfigError("--out is empty", "name the run's folder, or leave --out away");
  const runDir = resolve(options.out ?? join("data", "runs", config.name));
  const artifactsDir = resolve("data", "artifacts");
  const timings = join(artifactsDir, "timings.jsonl");
  const workers = workersOf(config.workers);
  const environment = (progress: Progress): Environment => ({
    artifactsDir,
    executor: createExecutor(config, workers),
    workers,
    progress,
    signal,
  });

  const talk = terminalProgress(options.quiet);
  if (options.dryRun) {
    const planned = await planRun(config, environment(talk), until, timings);
    process.stdout.write(options.json ? `${JSON.stringify(planned)}\n` : planText(planned));
    if (config.executor === "slurm" && !options.json) {
      const scripts = options.detach ? gateScripts(config, until, path, overrides, runDir) : [];
      for (const { script } of scripts) process.stdout.write(`\n${script(undefined)}`);
      for (const script of arrayScripts(config, planned, artifactsDir)) process.stdout.write(`\n${script}`);
    }
    return runDir;
  }
  if (options.detach) {
    await openRunDirectory(runDir, config, artifactsDir);
    const gates = await detach(config, until, path, overrides, runDir);
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ run: runDir, gates })}\n`
        : `${gates.map(({ stage, jobId, log }) => `${stage}: job ${jobId}, ${log}`).join("\n")}\n`,
    );
    process.stderr.write(`npx climb status ${runDir} shows how far it is\n`);
    return runDir;
  }
  const log = await openRunDirectory(runDir, config, artifactsDir);
  const env = environment((event) => {
    talk(event);
    log(event);
  });
  const made = await climb(config, env, until, timed(config, timings));
  const files = await publishRun(runDir, made);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(await summaryJson(made, runDir, files))}\n`
      : await summaryText(made, files),
  );
  return runDir;
}

/** runStage that remembers how long each stage took, for plans and dry runs to come. */
function timed(config: ClimbConfig, timings: string): StageRunner {
  return async (stage, stageConfig, inputs, environment) => {
    const cost = stageCost(stage.name, stageConfig, inputs, config);
    let seconds: number | undefined;
    let shardSeconds = 0;
    let whole = true;
    const artifact = await runStage(stage, stageConfig, inputs, {
      ...environment,
      progress: (event) => {
        if (event.event === "stage" && event.state === "finished") seconds = event.seconds;
        if (event.event === "step") {
          shardSeconds += event.seconds;
          // What an earlier attempt has done took time that was not measured here.
          whole &&= event.reused === 0;
        }
        environment.progress(event);
      },
    });
    if (seconds !== undefined && cost !== null && whole && config.executor === "local") {
      const bytes = await artifactBytes(artifact);
      await recordTiming(timings, {
        workers: environment.workers,
        stage: stage.name,
        label: environment.label ?? "",
        ...cost,
        seconds,
        shardSeconds,
        bytes,
      });
    }
    return artifact;
  };
}
