/**
 * Stage 7: the text as proxies that train read it, in tokens of their own tokenizer.
 *
 *   in    the corpus, its domains, the targets
 *   out   tokenizer/tokenizer.json, tokenizer_config.json   for Hugging Face tokenizers and transformers.js
 *         <domain>.npy         uint16 or uint32: the domain's documents end to end, each after the end-of-document token
 *         <domain>-ends.npy    uint32, one a document: where it ends
 *         targets-*.npy        uint16 or uint32: the targets' documents end to end; a question is one for each answer
 *         target-documents.npy uint32, documents * 4: target row, tokens, tokens of context, bytes of what is predicted
 *         validation-*.npy     uint16 or uint32: held-out documents of the corpus end to end, where there are any
 *         validation-tokens.npy uint32, one a corpus row: how many of those tokens are the row's
 *
 * A vocabulary is learned from the domains' documents alone: no target, and nothing that resembles one. A domain's
 * documents are put in a random order once; which of them a proxy sees, and when, is for its token plan.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy, writeNpy } from "../pipeline/core/npy.ts";
import type { Stage, StageContext } from "../pipeline/core/stage.ts";
import { Random } from "../pipeline/math/random.ts";
import { readDomainStreams } from "../pipeline/search/token-streams.ts";
import { packDocuments } from "../pipeline/tokenizer/pack-documents.ts";
import { formatTokenizerConfig, formatTokenizerJson } from "../pipeline/tokenizer/tokenizer-json.ts";
import { trainBpe } from "../pipeline/tokenizer/train-bpe.ts";
import type { DomainsResult } from "./domains.ts";
import type { IngestResult } from "./ingest.ts";
import { corpusFiles } from "./parts/corpus-files.ts";
import { placeFile } from "./parts/place-file.ts";
import { openProxyTokenizer, type ProxyTokenizerSource, tokenizerFiles } from "./parts/proxy-tokenizer.ts";
import { runAsScript } from "./parts/shard-main.ts";
import {
  countWords,
  documentColumns,
  type DocumentFile,
  encodeDocuments,
  encodeTargets,
} from "./parts/token-steps.ts";

export const TokensResult = z.strictObject({
  vocabularySize: z.int(),
  endOfDocument: z.int(),
  domains: z.array(
    z.strictObject({
      id: z.string(),
      documents: z.int(),
      /** Ends of documents included. */
      tokens: z.int(),
      /** Of the same text by the run's tokenizer. */
      runTokens: z.int(),
      file: z.string(),
      ends: z.string(),
    }),
  ),
  targets: z.array(z.strictObject({ file: z.string(), documents: z.int() })),
  /** Of the rows of the corpus, where some are held out. */
  validation: z.array(z.strictObject({ file: z.string(), rows: z.int() })).optional(),
});
export type TokensResult = z.infer<typeof TokensResult>;

interface TokensStageConfig {
  readonly source: ProxyTokenizerSource;
  readonly seed: number;
}

interface TokensInputs {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  domains: Artifact<DomainsResult>;
  [role: string]: Artifact;
}

export const tokens: Stage<TokensStageConfig, TokensInputs, TokensResult> = {
  name: "tokens",
  version: 2,
  entry: import.meta.filename,
  result: TokensResult,
  recorded: ({ source: { identity }, seed }) => ({ tokenizer: identity, seed }),
  steps: { countWords, encodeDocuments, encodeTargets, encodeValidation: encodeDocuments },

  async run({ source, seed }, { corpus, targets, domains }, context) {
    const { outDir, shards } = context;
    const rowDomain = (await readNpy(domains.path("row-domain.npy"))).data as Int32Array;
    const rowTokens = (await readNpy(domains.path("row-tokens.npy"))).data as Uint32Array;
    const domainFile = domains.path("row-domain.npy");
    const domainFiles = corpusFiles(corpus).map((file) => ({ ...file, rowDomain: domainFile }));
    const folder = join(outDir, "tokenizer");
    await mkdir(folder);
    if (source.kind === "bpe") {
      const lastRow = sampleEnd(rowDomain, rowTokens, source.sampleTokens);
      await learnVocabulary(folder, source.vocabularySize, domainFiles, lastRow, context);
    } else {
      for (const name of tokenizerFiles) await copyFile(join(source.folder, name), join(folder, name));
    }
    const { vocabularySize, endOfDocument } = await openProxyTokenizer(source.kind, folder);

    const encoded = await shards("encodeDocuments", { kind: source.kind, folder }, domainFiles);
    const ofCorpus = encoded.map(({ files }) => ({
      tokens: files.get("tokens.npy")!,
      counts: files.get("counts.npy")!,
    }));
    const targetFiles = corpusFiles(targets);
    const ofTargets = await shards("encodeTargets", { kind: source.kind, folder }, targetFiles);

    const ids = domains.result.domains.map(({ id }) => id);
    const files = ofCorpus.map(({ tokens }, index) => ({ path: tokens, rows: domainFiles[index]!.rows }));
    const streams = await readDomainStreams({ files, rowTokens: await joinCounts(ofCorpus) }, rowDomain, ids);
    const runTokens = new Float64Array(ids.length);
    rowDomain.forEach((domain, row) => {
      if (domain >= 0) runTokens[domain]! += rowTokens[row]!;
    });
    const random = new Random(seed).fork("tokens");
    const result: TokensResult = { vocabularySize, endOfDocument, domains: [], targets: [] };
    for (const [domain, stream] of streams.entries()) {
      const packed = packDocuments(stream, endOfDocument, random.fork(stream.id));
      const entry = {
        id: stream.id,
        documents: packed.documentEnds.length,
        tokens: packed.tokens.length,
        runTokens: runTokens[domain]!,
        file: `${stream.id}.npy`,
        ends: `${stream.id}-ends.npy`,
      };
      await writeNpy(join(outDir, entry.file), packed.tokens, [entry.tokens]);
      await writeNpy(join(outDir, entry.ends), packed.documentEnds, [entry.documents]);
      result.domains.push(entry);
    }
    const table: number[] = [];
    for (const [index, part] of ofTargets.entries()) {
      const file = `targets-${String(index).padStart(5, "0")}.npy`;
      await placeFile(part.files.get("tokens.npy")!, join(outDir, file));
      const { data, shape } = await readNpy(part.files.get("documents.npy")!);
      for (const value of data) table.push(value);
      result.targets.push({ file, documents: shape[0]! });
    }
    if (domains.result.validationDocuments !== undefined) {
      const rowValidation = domains.path("row-validation.npy");
      const heldOut = corpusFiles(corpus).map((file) => ({ ...file, rowDomain: rowValidation }));
      const parts = await shards("encodeValidation", { kind: source.kind, folder }, heldOut);
      result.validation = [];
      for (const [index, { files }] of parts.entries()) {
        const file = `validation-${String(index).padStart(5, "0")}.npy`;
        await placeFile(files.get("tokens.npy")!, join(outDir, file));
        result.validation.push({ file, rows: heldOut[index]!.rows });
      }
      const counts = await joinCounts(parts.map(({ files }) => ({ counts: files.get("counts.npy")! })));
      await writeNpy(join(outDir, "validation-tokens.npy"), counts, [counts.length]);
    }
    const columns = documentColumns.length;
    const shape = [table.length / columns, columns];
    await writeNpy(join(outDir, "target-documents.npy"), Uint32Array.from(table), shape);
    return result;
  },
};

/** Learns the vocabulary from words counted by shards; writes the files of a tokenizer. */
async function learnVocabulary(
  folder: string,
  size: number,
  files: readonly DocumentFile[],
  lastRow: number,
  { shards, progress }: StageContext,
): Promise<void> {
  const sampled = files.filter(({ firstRow }) => firstRow < lastRow);
  const counted = await shards("countWords", { lastRow }, sampled);
  const counts = new Map<string, number>();
  for (const { files } of counted) {
    const part = JSON.parse(await readFile(files.get("words.json")!, "utf8")) as [string, number][];
    for (const [word, count] of part) counts.set(word, (counts.get(word) ?? 0) + count);
  }
  progress({
    event: "note",
    stage: "tokens",
    text: `learning ${size} tokens from ${counts.size} distinct words`,
  });
  const vocabulary = trainBpe(counts, size);
  await writeFile(join(folder, "tokenizer.json"), formatTokenizerJson(vocabulary));
  await writeFile(join(folder, "tokenizer_config.json"), formatTokenizerConfig());
}

/** The row after the last of the first domain documents that hold `sampleTokens` together. */
function sampleEnd(rowDomain: Int32Array, rowTokens: Uint32Array, sampleTokens: number): number {
  let tokens = 0;
  const last = rowDomain.findIndex((domain, row) => {
    if (domain >= 0) tokens += rowTokens[row]!;
    return tokens >= sampleTokens;
  });
  return last < 0 ? rowDomain.length : last + 1;
}

async function joinCounts(parts: readonly { counts: string }[]): Promise<Uint32Array> {
  const counts: number[] = [];
  for (const part of parts) for (const count of (await readNpy(part.counts)).data) counts.push(count);
  return Uint32Array.from(counts);
}

runAsScript(tokens);
