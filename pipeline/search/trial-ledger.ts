import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomic } from "../core/atomic-file.ts";
import { Trial } from "../schema/search.ts";

/**
 * Trials measured so far: JSON lines, one a trial, each flushed before the next is measured. A trial's key
 * covers everything that decides its outcome, so a ledger may be shared by any number of searches and is
 * safe to delete. One process appends to a ledger at a time.
 */
export class TrialLedger {
  readonly #path: string;
  readonly #trials = new Map<string, Trial>();
  /** Lines that were not trials: torn by a kill, or by hand. */
  readonly unreadableLines: number;

  private constructor(path: string, trials: readonly Trial[], unreadableLines: number) {
    this.#path = path;
    for (const trial of trials) this.#trials.set(trial.key, trial);
    this.unreadableLines = unreadableLines;
  }

  /** Read a ledger, or start one. A line that a kill tore is removed, so that what follows is read again. */
  static async open(path: string): Promise<TrialLedger> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, "utf8").catch(() => "");
    const lines = text.split("\n");
    const trials: Trial[] = [];
    const readable: string[] = [];
    // What follows the last newline was being written when its process died, even if it parses.
    let unreadable = lines.pop() === "" ? 0 : 1;
    for (const line of lines) {
      const trial = parseTrial(line);
      if (trial === undefined) {
        unreadable++;
        continue;
      }
      trials.push(trial);
      readable.push(`${line}\n`);
    }
    if (unreadable > 0) await writeFileAtomic(path, readable.join(""));
    return new TrialLedger(path, trials, unreadable);
  }

  get(key: string): Trial | undefined {
    return this.#trials.get(key);
  }

  /** Append what is new and flush it. */
  async add(trials: readonly Trial[]): Promise<void> {
    const fresh = trials.filter((trial) => !this.#trials.has(trial.key));
    if (fresh.length === 0) return;
    const file = await open(this.#path, "a");
    try {
      await file.writeFile(fresh.map((trial) => `${JSON.stringify(trial)}\n`).join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    for (const trial of fresh) this.#trials.set(trial.key, trial);
  }
}

function parseTrial(line: string): Trial | undefined {
  try {
    return Trial.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
