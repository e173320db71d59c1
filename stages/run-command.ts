/** What `climb run` and `climb <stage>` do once the command line is understood. */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { ConfigError } from "../pipeline/core/errors.ts";
import { loadConfig } from "../pipeline/core/load-config.ts";
import { LocalExecutor } from "../pipeline/core/local-executor.ts";
import type { Progress } from "../pipeline/core/progress.ts";
import { type Environment, runStage } from "../pipeline/core/stage.ts";
import type { ClimbConfig } from "../pipeline/schema/config.ts";
import { climb, type StageName, type StageRunner } from "./climb.ts";
import { recordTiming, stageCost } from "./cost.ts";
import { planRun, planText } from "./dry-run.ts";
import { openRunDirectory, publishRun } from "./run-directory.ts";
import { summaryJson, summaryText } from "./summary.ts";
import { terminalProgress } from "./terminal.ts";

export interface RunOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
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
  if (options.out === "")
    throw new ConfigError("--out is empty", "name the run's folder, or leave --out away");
  const runDir = resolve(options.out ?? join("data", "runs", config.name));
  const artifactsDir = resolve("data", "artifacts");
  const timings = join(artifactsDir, "timings.jsonl");
  const workers = config.workers === "auto" ? availableParallelism() : config.workers;
  const environment = (progress: Progress): Environment => ({
    artifactsDir,
    executor: new LocalExecutor(workers),
    workers,
    progress,
    signal,
  });

  const talk = terminalProgress(options.quiet);
  if (options.dryRun) {
    const planned = await planRun(config, environment(talk), until, timings);
    process.stdout.write(options.json ? `${JSON.stringify(planned)}\n` : planText(planned));
    return runDir;
  }
  const log = await openRunDirectory(runDir, config);
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

/** runStage that remembers how long each stage took, for dry runs to come. */
function timed(config: ClimbConfig, timings: string): StageRunner {
  return async (stage, stageConfig, inputs, environment) => {
    const cost = stageCost(stage.name, stageConfig, inputs, config);
    let seconds: number | undefined;
    const artifact = await runStage(stage, stageConfig, inputs, {
      ...environment,
      progress: (event) => {
        if (event.event === "stage" && event.state === "finished") seconds = event.seconds;
        environment.progress(event);
      },
    });
    if (seconds !== undefined && cost !== null) {
      await recordTiming(timings, stage.name, environment.workers, cost, seconds);
    }
    return artifact;
  };
}
