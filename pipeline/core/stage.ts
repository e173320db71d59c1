import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { type Artifact, artifactName, type ArtifactFile, fingerprintOf, openArtifact } from "./artifact.ts";
import { attemptId, syncFolder, writeFileAtomic } from "./atomic-file.ts";
import { DiskFullError, InterruptedError, isDiskFull } from "./errors.ts";
import type { Executor } from "./executor.ts";
import { describeFiles, type Marker } from "./marker.ts";
import type { Progress } from "./progress.ts";
import { runShards } from "./run-shards.ts";
import { isLeftHere, withLock } from "./run-lock.ts";
import type { ShardTask } from "./shard-step.ts";

/** Where stages run and what they report to. Nothing here may change a result. */
export interface Environment {
  /** Absolute path of the folder that holds the artifacts of all runs. */
  readonly artifactsDir: string;
  /** Which of several uses of a stage this is, for people: "targets". */
  readonly label?: string;
  readonly executor: Executor;
  /** Threads a stage may use in this process. */
  readonly workers: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a stage's `run` works with. */
export interface StageContext extends Environment {
  /** Files written here become the artifact's. */
  readonly outDir: string;
  /** Kept between attempts of the same stage, deleted when it is done. */
  readonly workDir: string;
  /**
   * Do a step by shards, one for each of `inputs`; each shard's task also gets `common`.
   * @returns for every shard, where its outputs lie and what its task returned
   */
  readonly shards: (step: string, common: unknown, inputs: readonly unknown[]) => Promise<ShardOutput[]>;
}

export interface ShardOutput {
  /** Absolute paths of the files the shard wrote, by their names. */
  readonly files: ReadonlyMap<string, string>;
  readonly result: unknown;
}

export interface Stage<Config, Inputs extends Record<string, Artifact>, Result> {
  readonly name: string;
  /** Raise it when the same config and inputs now write other bytes. */
  readonly version: number;
  /** The compiled script, which also does the stage's shards: import.meta.filename. */
  readonly entry: string;
  readonly result: z.ZodType<Result>;
  /** What of the config decides the bytes, without paths: hashed into the fingerprint and kept in artifact.json. */
  recorded(config: Config): unknown;
  /** Long steps, done by shards in processes of their own. */
  readonly steps: Readonly<Record<string, ShardTask>>;
  run(config: Config, inputs: Inputs, context: StageContext): Promise<Result>;
}

/** Name the artifact a stage would make, and whether it is there, without running anything. */
export async function planStage<Config, Inputs extends Record<string, Artifact>, Result>(
  stage: Stage<Config, Inputs, Result>,
  config: Config,
  inputs: Inputs,
  artifactsDir: string,
): Promise<{ name: string; artifact: Artifact<Result> | undefined }> {
  const fingerprint = fingerprintOf(
    stage.name,
    stage.version,
    stage.recorded(config),
    fingerprintsOf(inputs),
  );
  const name = artifactName(stage.name, fingerprint);
  return { name, artifact: await openArtifact(join(artifactsDir, name), stage.result) };
}

/**
 * Reuse the stage's artifact if it exists, make it otherwise.
 *
 * @throws DiskFullError, InterruptedError, IncompleteError: what is done is kept and the next call goes on;
 *   whatever the stage itself throws
 */
export async function runStage<Config, Inputs extends Record<string, Artifact>, Result>(
  stage: Stage<Config, Inputs, Result>,
  config: Config,
  inputs: Inputs,
  environment: Environment,
): Promise<Artifact<Result>> {
  const { artifactsDir, signal } = environment;
  const progress = labelled(environment);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const { name, artifact } = await planStage(stage, config, inputs, artifactsDir);
  if (artifact !== undefined) {
    await removeScratch(join(artifactsDir, ".work", name));
    progress({ event: "stage", stage: stage.name, state: "reused", artifact: name, seconds: seconds() });
    return artifact;
  }
  if (signal.aborted) throw new InterruptedError();
  progress({ event: "stage", stage: stage.name, state: "started", artifact: name });
  try {
    const made = await withLock(join(artifactsDir, ".work", `${name}.lock`), () =>
      makeArtifact(stage, config, inputs, { ...environment, progress }, name),
    );
    progress({ event: "stage", stage: stage.name, state: "finished", artifact: name, seconds: seconds() });
    return made;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new DiskFullError(
      `the disk of ${artifactsDir} is full (stage ${stage.name})`,
      "free some space and run the same command again; what is done is kept",
      { cause: error },
    );
  }
}

async function makeArtifact<Config, Inputs extends Record<string, Artifact>, Result>(
  stage: Stage<Config, Inputs, Result>,
  config: Config,
  inputs: Inputs,
  environment: Environment,
  name: string,
): Promise<Artifact<Result>> {
  const dir = join(environment.artifactsDir, name);
  const existing = await openArtifact(dir, stage.result);
  if (existing !== undefined) return existing;

  const workDir = join(environment.artifactsDir, ".work", name);
  // Unique, so that two processes that both believe they hold the lock cannot mix their files.
  const outDir = join(workDir, `artifact.${attemptId()}`);
  await mkdir(outDir, { recursive: true });
  const recorded = stage.recorded(config);
  const fingerprint = fingerprintOf(stage.name, stage.version, recorded, fingerprintsOf(inputs));

  const shards: StageContext["shards"] = async (step, common, shardInputs) => {
    const stepDir = join(workDir, step);
    const markers = await runShards(
      {
        name: `climb:${name}:${step}`,
        stage: stage.name,
        entry: stage.entry,
        stepDir,
        shards: shardInputs.length,
      },
      { stage: stage.name, step, key: fingerprint, common: common ?? null, inputs: [...shardInputs] },
      environment,
    );
    return markers.map((marker) => shardOutput(stepDir, marker));
  };

  const result = stage.result.parse(
    await stage.run(config, inputs, { ...environment, outDir, workDir, shards }),
  );
  const file: ArtifactFile = {
    formatVersion: 1,
    stage: stage.name,
    stageVersion: stage.version,
    fingerprint,
    config: recorded,
    inputs: Object.fromEntries(Object.entries(inputs).map(([role, input]) => [role, input.name])),
    files: await describeFiles(outDir),
    result,
  };
  await writeFileAtomic(join(outDir, "artifact.json"), `${JSON.stringify(file, undefined, 2)}\n`);
  // A folder without artifact.json is none of ours to keep: a finished one was returned above.
  const there = await access(dir).then(
    () => true,
    () => false,
  );
  if (there) await rm(dir, { recursive: true, force: true });
  await rename(outDir, dir);
  await syncFolder(environment.artifactsDir);
  await rm(workDir, { recursive: true, force: true });
  const made = await openArtifact(dir, stage.result);
  if (made === undefined) throw new Error(`${dir} vanished after it was made`);
  return made;
}

/** What a process left that died after it published the artifact and before it cleaned up. */
async function removeScratch(workDir: string): Promise<void> {
  const lock = `${workDir}.lock`;
  if (!(await isLeftHere(lock))) return;
  await rm(workDir, { recursive: true, force: true });
  await rm(lock, { force: true });
}

/** Events that say which use of the stage they are about. */
function labelled({ label, progress }: Environment): Progress {
  if (label === undefined) return progress;
  return (event) => progress({ ...event, stage: `${event.stage} ${label}` });
}

function fingerprintsOf(inputs: Readonly<Record<string, Artifact>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([role, input]) => [role, input.fingerprint]));
}

function shardOutput(stepDir: string, marker: Marker): ShardOutput {
  const files = new Map(
    marker.outputs.map(({ path }) => {
      // out/<shard>.<attempt>/<name>
      const name = path.split("/").slice(2).join("/");
      return [name, join(stepDir, path)];
    }),
  );
  return { files, result: marker.result };
}
