import { appendFile, readFile } from "node:fs/promises";
import { type LinesBefore, linesBeforePart } from "../../pipeline/corpus/lines-before.ts";

interface Skipped {
  readonly source: string;
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly detail?: string;
}

/** Gathers the shards' logs of skipped records into one file, and counts them. */
export class SkipLog {
  /** Records by reason. */
  readonly reasons: Record<string, number> = {};
  readonly #path: string;
  readonly #bySource = new Map<string, { reasons: Map<string, number>; example: string }>();

  constructor(path: string) {
    this.#path = path;
  }

  async add(skip: Skipped): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(skip)}\n`);
    this.#count(skip);
  }

  /**
   * @param files a shard's outputs by name
   * @param linesBefore to count the lines of a file that was cut through all of its parts
   */
  async collect(files: ReadonlyMap<string, string>, linesBefore: LinesBefore): Promise<void> {
    for (const name of ["skipped.jsonl", "duplicates.jsonl"]) {
      const path = files.get(name);
      if (path === undefined) continue;
      const skips = (await readFile(path, "utf8"))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => {
          const { part, ...skip } = JSON.parse(line) as Skipped & { part?: number };
          return part === undefined
            ? skip
            : { ...skip, line: skip.line + linesBeforePart(linesBefore, { ...skip, part }) };
        });
      await appendFile(this.#path, skips.map((skip) => `${JSON.stringify(skip)}\n`).join(""));
      for (const skip of skips) this.#count(skip);
    }
  }

  /** What was skipped of a source, with one example. */
  describe(source: string): string {
    const found = this.#bySource.get(source);
    if (found === undefined) return "its files hold no records";
    const reasons = [...found.reasons].map(([reason, count]) => `${count} ${reason}`).join(", ");
    return found.example === "" ? reasons : `${reasons} (for example: ${found.example})`;
  }

  /** True if nothing of a source was left out but what stands in another one too, or lay in files to be skipped. */
  isExcused(source: string): boolean {
    const reasons = this.#bySource.get(source)?.reasons.keys() ?? [];
    const unexcused = [...reasons].filter((reason) => reason !== "duplicate" && reason !== "bad-file");
    return this.#bySource.has(source) && unexcused.length === 0;
  }

  #count({ source, reason, detail = "" }: Skipped): void {
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    const of = this.#bySource.get(source) ?? { reasons: new Map<string, number>(), example: detail };
    of.reasons.set(reason, (of.reasons.get(reason) ?? 0) + 1);
    this.#bySource.set(source, of);
  }
}
