import { join } from "node:path";
import { FileHashes } from "../pipeline/core/file-hashes.ts";
import type { Environment } from "../pipeline/core/stage.ts";
import { discoverFiles } from "../pipeline/corpus/discover.ts";
import type { SourceConfig } from "../pipeline/schema/corpus-config.ts";
import type { IngestConfig } from "./ingest.ts";

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
  const hashes = await FileHashes.open(join(artifactsDir, "file-hashes.txt"));
  const files: IngestConfig["files"][number][] = [];
  for (const file of await discoverFiles(sources, process.cwd())) {
    files.push({ ...file, sha256: await hashes.hash(file.path) });
  }
  return { files, sources, limits: reading, tokenizer };
}
