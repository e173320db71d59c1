/** What `climb proxy check COMMAND` does: the conformance kit of external trainers. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ClimbError, ConfigError } from "../../pipeline/core/errors.ts";
import { checkTrainer, type TrainerCheck } from "../../pipeline/proxy/external/check-trainer.ts";

export interface ProxyCheckOptions {
  readonly settings?: string;
  readonly timeout: string;
  readonly keep?: string;
  readonly startFrom?: string;
  readonly json?: boolean;
}

/** @throws ClimbError if a check failed */
export async function proxyCheckCommand(
  command: string,
  { settings = "{}", timeout, keep, startFrom, json }: ProxyCheckOptions,
  signal: AbortSignal,
): Promise<void> {
  const timeoutSeconds = Number(timeout);
  if (!(timeoutSeconds > 0))
    throw new ConfigError(`--timeout ${timeout} should be a number of seconds above 0`);
  const folder = keep ?? (await mkdtemp(join(tmpdir(), "climb-proxy-check-")));
  const checks: TrainerCheck[] = [];
  try {
    const options = { command, environment: {}, timeoutSeconds, graceSeconds: 10 };
    for await (const check of checkTrainer(
      folder,
      options,
      parseSettings(settings),
      signal,
      startFrom && checkpointPath(startFrom),
    )) {
      checks.push(check);
      if (!json) process.stdout.write(line(check));
    }
  } finally {
    if (keep === undefined) await rm(folder, { recursive: true, force: true });
  }
  if (json) process.stdout.write(`${JSON.stringify({ command, checks })}\n`);
  const failed = checks.filter(({ passed }) => !passed).length;
  if (failed > 0) {
    throw new ClimbError(
      `${failed} of ${checks.length} checks failed`,
      keep === undefined
        ? "--keep DIR keeps the jobs and their logs"
        : `the jobs and their logs are in ${keep}`,
    );
  }
}

/** Jobs run in folders of their own; what is no file is a name that the trainer knows. */
function checkpointPath(startFrom: string): string {
  return existsSync(startFrom) ? resolve(startFrom) : startFrom;
}

function line({ name, passed, detail }: TrainerCheck): string {
  const indented = detail === "" ? "" : `: ${detail.replaceAll("\n", "\n        ")}`;
  return `${passed ? "ok    " : "FAILED"}  ${name}${indented}\n`;
}

function parseSettings(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new ConfigError(`--settings ${text} is no JSON object`, `for example --settings '{ "width": 64 }'`);
}
