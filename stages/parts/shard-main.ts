/**
 * What every stage script does when it is run by itself: one shard of a step, when an executor started it
 * (`--step DIR --shard i/n`), or else the whole stage, as `climb <stage> CONFIG` does.
 */
import { realpathSync } from "node:fs";
import { parseArgs } from "node:util";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { shardExitCode, shardExitCodeOf } from "../../pipeline/core/exit-codes.ts";
import { runShard, type ShardTask } from "../../pipeline/core/shard-step.ts";

interface StageScript {
  readonly name: string;
  readonly entry: string;
  readonly steps: Readonly<Record<string, ShardTask>>;
}

/**
 * Run `stage` if its script is the program; do nothing if it was imported. Not to be awaited: the whole stage
 * imports this very script again through climb.ts, which waits until it has been evaluated.
 */
export function runAsScript(stage: StageScript): void {
  const program = process.argv[1];
  if (program === undefined || realpathSync(program) !== realpathSync(stage.entry)) return;
  const args = process.argv.slice(2);
  void (args.includes("--step") ? runShardProcess(stage, args) : runStageCommand(stage, args));
}

async function runStageCommand(stage: StageScript, args: string[]): Promise<void> {
  const { main } = await import("../cli.ts");
  await main([stage.name, ...args]);
}

async function runShardProcess(stage: StageScript, args: string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) process.once(signal, () => stop.abort());
  // The starter holds the other end of this pipe: when it dies, even by SIGKILL, so does this process.
  if (process.env["CLIMB_PARENT_PIPE"] === "1")
    process.stdin.on("close", () => process.exit(shardExitCode.tryLater)).resume();
  try {
    const { values } = parseArgs({ args, options: { step: { type: "string" }, shard: { type: "string" } } });
    const shard = /^(\d+)\/(\d+)$/.exec(values.shard ?? "");
    if (shard === null) throw new ConfigError("--shard should be i/n", "for example --shard 0/4");
    await runShard(values.step!, Number(shard[1]), Number(shard[2]), stage.steps, stop.signal);
    process.exit(shardExitCode.done);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(stop.signal.aborted ? shardExitCode.tryLater : shardExitCodeOf(error));
  }
}
