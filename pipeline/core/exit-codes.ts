/** Exit codes, written down once. Scripts rely on them; they do not change. */
import {
  type ClimbError,
  ConfigError,
  DiskFullError,
  ExportCheckError,
  IncompleteError,
  InputError,
  InterruptedError,
  isDiskFull,
} from "./errors.ts";

/** What `climb` and the stage scripts end with. */
export const exitCode = {
  ok: 0,
  failure: 1,
  config: 2,
  input: 3,
  incomplete: 4,
  exportCheck: 5,
  interrupted: 130,
} as const;

/** What a shard's own process ends with (sysexits.h where it has a word for it). */
export const shardExitCode = {
  done: 0,
  failure: 1,
  config: 2,
  diskFull: 28,
  input: 65,
  tryLater: 75,
} as const;

/** The exit code of a command that failed with `error`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return exitCode.config;
  if (error instanceof InputError) return exitCode.input;
  if (error instanceof ExportCheckError) return exitCode.exportCheck;
  if (error instanceof InterruptedError) return exitCode.interrupted;
  if (error instanceof IncompleteError || isDiskFull(error)) return exitCode.incomplete;
  return exitCode.failure;
}

/** The exit code of a shard that failed with `error`. */
export function shardExitCodeOf(error: unknown): number {
  if (error instanceof DiskFullError || isDiskFull(error)) return shardExitCode.diskFull;
  if (error instanceof InputError) return shardExitCode.input;
  if (error instanceof ConfigError) return shardExitCode.config;
  if (error instanceof InterruptedError || error instanceof IncompleteError) return shardExitCode.tryLater;
  return shardExitCode.failure;
}

/**
 * The error a shard's process left, rebuilt from its exit code and its own words. What is neither the config's fault nor
 * the data's may be gone when the run is started again, and what is done is kept.
 */
export function errorOfShard(code: number | null, message: string, hint: string): ClimbError {
  switch (code) {
    case shardExitCode.diskFull:
      return new DiskFullError(message, hint);
    case shardExitCode.input:
      return new InputError(message, hint);
    case shardExitCode.config:
      return new ConfigError(message, hint);
    default:
      return new IncompleteError(message, hint);
  }
}
