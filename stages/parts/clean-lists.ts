/** The files that corpus.clean names: what they hold decides what is left out. */
import { readFile } from "node:fs/promises";
import { ConfigError } from "../../pipeline/core/errors.ts";
import type { FileHashes } from "../../pipeline/core/file-hashes.ts";
import type { CleanConfig } from "../../pipeline/schema/clean-config.ts";

/** What each line of a list is. */
const entries = { blockedUrls: "a domain or address", badWords: "a word or phrase" } as const;

export type CleanLists = Readonly<Record<keyof typeof entries, readonly string[]>>;

/** sha256 of each file, by key. */
export async function hashCleanLists(clean: CleanConfig, hashes: FileHashes): Promise<CleanLists> {
  return forEachList(clean, async (key, path) => {
    try {
      return await hashes.hash(path);
    } catch (error) {
      throw new ConfigError(
        `corpus.clean.${key}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
        `give the path of a file with ${entries[key]} a line, relative to the working directory`,
      );
    }
  });
}

/** The files' contents, by key. */
export async function readCleanLists(clean: CleanConfig): Promise<CleanLists> {
  return forEachList(clean, (_key, path) => readFile(path, "utf8"));
}

async function forEachList(
  clean: CleanConfig,
  read: (key: keyof CleanLists, path: string) => Promise<string>,
): Promise<CleanLists> {
  const all = (key: keyof CleanLists) => Promise.all(clean[key].map((path) => read(key, path)));
  return { blockedUrls: await all("blockedUrls"), badWords: await all("badWords") };
}
