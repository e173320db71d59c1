import { appendFile, mkdir, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { hashFile } from "./hash.ts";

/**
 * sha256 of input files, remembered by device, inode, size and times, so that a second run over a large
 * corpus need not read it again. Any write to a file changes its ctime and so its entry.
 */
export class FileHashes {
  readonly #path: string;
  readonly #known = new Map<string, string>();

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string): Promise<FileHashes> {
    const hashes = new FileHashes(path);
    const text = await readFile(path, "utf8").catch(() => "");
    for (const line of text.split("\n")) {
      // A line torn by a kill does not match and is simply computed again.
      const match = /^([0-9:]+) ([0-9a-f]{64})$/.exec(line);
      if (match !== null) hashes.#known.set(match[1]!, match[2]!);
    }
    return hashes;
  }

  async hash(path: string): Promise<string> {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    const identity = [dev, ino, size, mtimeNs, ctimeNs].join(":");
    const known = this.#known.get(identity);
    if (known !== undefined) return known;
    const sha256 = await hashFile(path);
    this.#known.set(identity, sha256);
    // Remembering is a courtesy; a folder that cannot be written will stop the run with a better message.
    await mkdir(dirname(this.#path), { recursive: true })
      .then(() => appendFile(this.#path, `\n${identity} ${sha256}\n`))
      .catch(() => {});
    return sha256;
  }
}
