/**
 * A step of a stage that is done by shards. The coordinating process freezes what is to be done in
 * `step.json`; any process on any host that sees the folder can then do shard i of n:
 *
 *   node <stage script> --step DIR --shard i/n
 *
 * An executor only decides where and when these commands run.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "./atomic-file.ts";
import { ClimbError, ConfigError } from "./errors.ts";
import { shardExitCode, shardExitCodeOf } from "./exit-codes.ts";
import { hashJson } from "./hash.ts";
import { completeShard } from "./marker.ts";

const StepFile = z.strictObject({
  stage: z.string(),
  step: z.string(),
  /** Decides the outputs, together with the shard's own input. */
  key: z.string(),
  /** Given to every shard. */
  common: z.unknown(),
  /** Given to shard i: inputs[i]. */
  inputs: z.array(z.unknown()),
});

export type StepFile = z.infer<typeof StepFile>;

/** What a shard's task may use besides its inputs. */
export interface ShardContext {
  /** Files written here become the shard's outputs. */
  readonly outDir: string;
  /** The shard's own folder that outlives an attempt: checkpoints, ledgers. */
  readonly keepDir: string;
  readonly signal: AbortSignal;
  /** Say what is being done, where one thing takes long: if the process dies, the run names it. Empty once it is done. */
  readonly doing: (what: string) => Promise<void>;
  /** Say how far the shard is; cheap enough to call for every document. */
  readonly progress: (done: number, total: number) => void;
}

/** Does one shard: `common` and `input` are what the coordinator froze for it. */
export type ShardTask = (common: never, input: never, context: ShardContext) => Promise<unknown>;

/** Freeze a step. A folder left by a run with other inputs is emptied first. */
export async function writeStep(stepDir: string, step: StepFile): Promise<void> {
  const path = join(stepDir, "step.json");
  const text = `${JSON.stringify(step)}\n`;
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === text) return;
  if (before !== undefined) await rm(stepDir, { recursive: true, force: true });
  await mkdir(stepDir, { recursive: true });
  await writeFileAtomic(path, text);
}

/** The key of one shard: changes with anything that decides its output. */
export function shardKey(step: Pick<StepFile, "stage" | "step" | "key" | "inputs">, shard: number): string {
  const { stage, step: name, key, inputs } = step;
  return hashJson({ stage, step: name, key, shard, of: inputs.length, input: inputs[shard] });
}

/**
 * Do one shard of a frozen step in this process.
 *
 * @throws ConfigError if the folder is not a step's, or the shard is not one of its shards
 */
export async function runShard(
  stepDir: string,
  shard: number,
  of: number,
  tasks: Readonly<Record<string, ShardTask>>,
  signal: AbortSignal,
): Promise<void> {
  const text = await readFile(join(stepDir, "step.json"), "utf8").catch(() => {
    throw new ConfigError(
      `${stepDir} holds no step.json`,
      "--step is the folder a run made; run climb instead",
    );
  });
  const step = StepFile.parse(JSON.parse(text));
  if (of !== step.inputs.length || shard >= of) {
    throw new ConfigError(
      `--shard ${shard}/${of} does not fit the ${step.inputs.length} shards of ${basename(stepDir)}`,
      "shards count from 0; run the command the executor printed",
    );
  }
  const task = tasks[step.step];
  if (task === undefined) throw new ClimbError(`stage ${step.stage} has no step '${step.step}'`);

  await rm(errorPath(stepDir, shard), { force: true });
  await rm(doingPath(stepDir, shard), { force: true });
  const report = reporter(stepDir, shard);
  try {
    await completeShard(stepDir, shard, shardKey(step, shard), (outDir) =>
      task(step.common as never, step.inputs[shard] as never, {
        outDir,
        keepDir: join(stepDir, "keep", String(shard)),
        signal,
        doing: (what) => writeFileAtomic(doingPath(stepDir, shard), JSON.stringify({ what })),
        progress: report.progress,
      }),
    );
  } catch (error) {
    const { message, hint = "" } = error as Partial<ClimbError>;
    const exitCode = signal.aborted ? shardExitCode.tryLater : shardExitCodeOf(error);
    const said: ShardError = { message: message ?? String(error), hint, exitCode };
    // The process's exit code says the same, in fewer words, where this cannot be written either.
    await writeFileAtomic(errorPath(stepDir, shard), JSON.stringify(said)).catch(() => {});
    throw error;
  } finally {
    await report.settled();
  }
}

/** What a failed shard said of itself; the exit code too, since not every executor hands it on. */
const ShardError = z.object({ message: z.string(), hint: z.string(), exitCode: z.int() });
type ShardError = z.infer<typeof ShardError>;
const ShardProgress = z.object({ done: z.number(), total: z.number() });

/** What a failed shard said of itself. */
export function readShardError(stepDir: string, shard: number): Promise<ShardError | undefined> {
  return readIfValid(errorPath(stepDir, shard), ShardError);
}

/** What a shard was at when it was last heard of; empty if it did not say. */
export async function readShardDoing(stepDir: string, shard: number): Promise<string> {
  return (await readIfValid(doingPath(stepDir, shard), z.object({ what: z.string() })))?.what ?? "";
}

/** How far a running shard is. */
export function readShardProgress(
  stepDir: string,
  shard: number,
): Promise<z.infer<typeof ShardProgress> | undefined> {
  return readIfValid(progressPath(stepDir, shard), ShardProgress);
}

async function readIfValid<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Writes a shard's progress to a small file, at most once a second and one write at a time. */
function reporter(stepDir: string, shard: number) {
  let last = 0;
  let writing: Promise<void> | undefined;
  return {
    progress: (done: number, total: number): void => {
      const now = performance.now();
      if (writing !== undefined || now - last < 1000) return;
      last = now;
      writing = writeFileAtomic(progressPath(stepDir, shard), JSON.stringify({ done, total }))
        // Progress is a courtesy: failing to write it must not fail the shard.
        .catch(() => {})
        .finally(() => {
          writing = undefined;
        });
    },
    settled: async (): Promise<void> => {
      await writing;
    },
  };
}

function errorPath(stepDir: string, shard: number): string {
  return join(stepDir, "errors", `${shard}.json`);
}

function doingPath(stepDir: string, shard: number): string {
  return join(stepDir, "doing", `${shard}.json`);
}

function progressPath(stepDir: string, shard: number): string {
  return join(stepDir, "progress", `${shard}.json`);
}
