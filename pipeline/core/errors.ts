/**
 * Every failure a user can cause or cure is a ClimbError: what happened (with names and numbers), and a
 * hint that says what to do next. Errors are sorted by what the caller should do about them.
 */
export class ClimbError extends Error {
  /** What the user can do about it; printed after the message. */
  readonly hint: string;

  constructor(message: string, hint = "", options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.hint = hint;
  }
}

/** The command line or the config is wrong: nothing was run. */
export class ConfigError extends ClimbError {}

/** The user's data is missing or unusable; running again without changing it will not help. */
export class InputError extends ClimbError {}

/** What was written for a trainer would not be read as it was meant. */
export class ExportCheckError extends ClimbError {}

/** The run stopped but what was done is kept; running the same command again goes on from here. */
export class IncompleteError extends ClimbError {}

/** No space left on the device: a kind of incomplete run. */
export class DiskFullError extends IncompleteError {}

/** The user asked to stop (Ctrl-C, SIGTERM); what was done is kept. */
export class InterruptedError extends ClimbError {
  constructor(message = "interrupted", hint = "run the same command again to go on from here") {
    super(message, hint);
  }
}

/** The reason of an abort signal that asks the coordinator to end while its shards go on elsewhere. */
export class LeaveRunning extends InterruptedError {
  constructor() {
    super("left while its shards go on", "run the same command again: it takes them over");
  }
}

/**
 * True for the operating system's "no space left" and "quota exceeded", also inside a library's message; and for a shard that
 * ended so, and may have found no space to say it in words.
 */
export function isDiskFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DiskFullError) return true;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOSPC" || code === "EDQUOT") return true;
    if (/no space left on device|disk quota exceeded/i.test(cause.message)) return true;
  }
  return false;
}

const fileSystemHints: Readonly<Record<string, string>> = {
  EACCES: "give this user the right to it, or name another place",
  EPERM: "give this user the right to it, or name another place",
  EROFS: "name a place that can be written",
  EEXIST: "something of another kind is there; move it away or name another place",
  ENOTDIR: "a part of the path is a file; move it away or name another place",
  EISDIR: "a folder is there where a file should be; move it away or name another place",
  ENAMETOOLONG: "choose shorter names",
};

/** A ClimbError for what the operating system refused, or the error itself where there is nothing to add. */
export function explainFileSystemError(error: unknown): unknown {
  if (error instanceof ClimbError || !(error instanceof Error)) return error;
  const { code = "", path, syscall } = error as NodeJS.ErrnoException;
  const hint = fileSystemHints[code];
  if (hint === undefined || path === undefined) return error;
  return new ClimbError(`${path}: ${syscall} refused by the system (${code})`, hint, { cause: error });
}
