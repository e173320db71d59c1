import { join } from "node:path";
import { FileHashes } from "../../pipeline/core/file-hashes.ts";
import type { Environment } from "../../pipeline/core/stage.ts";
import { discoverFiles } from "../../pipeline/corpus/discover.ts";
import { recogniseSources } from "../../pipeline/corpus/recognise.ts";
import type { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import type { IngestConfig } from "../ingest.ts";
import { hashCleanLists } from "./clean-lists.ts";

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
  const lists = await hashCleanLists(reading.clean, hashes);
  return { files: hashed, leftAside, sources, readings, limits: reading, lists, tokenizer };
}
