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
  const blockedUrls: string[] = [];
  for (const path of reading.clean.blockedUrls) {
    const hash = await hashes.hash(path).catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError(
        `corpus.clean.blockedUrls: ${path} cannot be read (${error.code})`,
        "give the path of a file with a domain or address a line, relative to the working directory",
      );
    });
    blockedUrls.push(hash);
  }
  return { files: hashed, leftAside, sources, readings, limits: reading, blockedUrls, tokenizer };
}
