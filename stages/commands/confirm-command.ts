/** `climb confirm RUN`: the run again, every stage reused, and the stage that follows its gain to larger sizes added. */
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "../../pipeline/core/errors.ts";
import { type RunOptions, runCommand } from "./run-command.ts";

export async function confirmCommand(
  run: string,
  overrides: readonly string[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const config = join(resolve(run), "config.resolved.yaml");
  await access(config).catch((cause: unknown) => {
    throw new InputError(
      `${config} is not there`,
      "RUN is the folder of a finished run: npx climb run CONFIG",
      { cause },
    );
  });
  await runCommand("report", config, ["scale.enabled=true", ...overrides], { ...options, out: run }, signal);
}
