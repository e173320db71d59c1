import { join } from "node:path";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { FileHashes } from "../../pipeline/core/file-hashes.ts";
import type { Environment } from "../../pipeline/core/stage.ts";
import { discoverFiles } from "../../pipeline/corpus/discover.ts";
import { recogniseSources } from "../../pipeline/corpus/recognise.ts";
import type { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import type { IngestConfig } from "../ingest.ts";

interface Reading {
  readonly tokenizer: IngestConfig["tokenizer"];
  readonly reading: IngestConfig["limits"];
}

/** What ingest hashes: the files' contents, and how they are read. */
export async function ingestConfig(
  { tokenizer, reading }: Reading,
  sources: readonly SourceConfig[],
  { artifactsDir }: Pick<Environment, "artifactsDir">,
): Promise<IngestConfig> {
  const { files, leftAside } = await discoverFiles(sources, process.cwd());
  const hashes = await FileHashes.open(join(artifactsDir, "file-hashes.txt"));
  const hashed: IngestConfig["files"][number][] = [];
  for (const file of files) {
    const beside: (typeof hashed)[number]["beside"][number][] = [];
    for (const other of file.beside) beside.push({ ...other, sha256: await hashes.hash(other.path) });
    hashed.push({ ...file, beside, sha256: await hashes.hash(file.path) });
  }
  const readings = (await recogniseSources(sources, files)).map(
    ({ source, format, layout, why, fields, scores }) => ({ source, format, layout, why, fields, scores }),
  );
  const lists = {
    blockedUrls: await hashLists(reading, "blockedUrls", "a domain or address", hashes),
    badWords: await hashLists(reading, "badWords", "a word or phrase", hashes),
  };
  return { files: hashed, leftAside, sources, readings, limits: reading, lists, tokenizer };
}

async function hashLists(
  { clean }: Reading["reading"],
  key: "blockedUrls" | "badWords",
  entry: string,
  hashes: FileHashes,
): Promise<string[]> {
  const found: string[] = [];
  for (const path of clean[key]) {
    const hash = await hashes.hash(path).catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError(
        `corpus.clean.${key}: ${path} cannot be read (${error.code})`,
        `give the path of a file with ${entry} a line, relative to the working directory`,
      );
    });
    found.push(hash);
  }
  return found;
}
