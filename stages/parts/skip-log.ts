import { createReadStream } from "node:fs";
import { LineFiles } from "../../pipeline/corpus/line-files.ts";
import { splitLines } from "../../pipeline/corpus/lines.ts";
import { type PartStarts, type Place, placeOf } from "../../pipeline/corpus/part-starts.ts";

interface Skipped extends Place {
  readonly source: string;
  readonly file: string;
  readonly reason: string;
  readonly detail?: string;
}

/** Gathers the shards' logs of skipped records into one file, and counts them. */
export class SkipLog {
  /** Records by reason. */
  readonly reasons: Record<string, number> = {};
  readonly #out: LineFiles;
  readonly #bySource = new Map<string, { reasons: Map<string, number>; example: string }>();

  /** @param outDir where skipped.jsonl goes, if there is anything to say */
  constructor(outDir: string) {
    this.#out = new LineFiles(outDir);
  }

  async add(skip: Skipped): Promise<void> {
    await this.#out.add("skipped.jsonl", skip);
    this.#count(skip);
  }

  /** Write what is held back. */
  async flush(): Promise<void> {
    await this.#out.flush();
  }

  /**
   * @param files a shard's outputs by name
   * @param starts to name places in files that were cut
   */
  async collect(files: ReadonlyMap<string, string>, starts: PartStarts): Promise<void> {
    for (const name of ["skipped.jsonl", "duplicates.jsonl"]) {
      const path = files.get(name);
      if (path === undefined) continue;
      for await (const { bytes } of splitLines(createReadStream(path) as AsyncIterable<Uint8Array>)) {
        const { part, ...skip } = JSON.parse(Buffer.from(bytes!).toString()) as Skipped & { part?: number };
        await this.add(part === undefined ? skip : { ...skip, ...placeOf(starts, { ...skip, part }) });
      }
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
