import { appendFile } from "node:fs/promises";
import { join } from "node:path";

/** Lines held back before they are written, over all files together. */
const heldCharacters = 2 ** 24;

/** Appends JSON lines to any number of files without holding any of them open. */
export class LineFiles {
  readonly #dir: string;
  readonly #held = new Map<string, string[]>();
  #characters = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Add one line to a file of the folder.
   *
   * @returns its bytes
   */
  async add(name: string, value: unknown): Promise<number> {
    const line = `${JSON.stringify(value)}\n`;
    const lines = this.#held.get(name);
    if (lines === undefined) this.#held.set(name, [line]);
    else lines.push(line);
    this.#characters += line.length;
    if (this.#characters >= heldCharacters) await this.flush();
    return Buffer.byteLength(line);
  }

  /** Write what is held back. */
  async flush(): Promise<void> {
    for (const [name, lines] of this.#held) await appendFile(join(this.#dir, name), lines.join(""));
    this.#held.clear();
    this.#characters = 0;
  }
}
