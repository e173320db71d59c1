/** Config sections corpus, targets and holdout: what is read, and what is kept apart. */
import { z } from "zod";
import { CleanConfig, SignalsConfig } from "./clean-config.ts";
import { Measure } from "./measure.ts";
import { positiveInteger, share } from "./numbers.ts";
import { uniquelyNamed } from "./uniquely-named.ts";

const column = z.string().min(1).nullable().default(null);

const Fields = z
  .strictObject({
    text: column.describe("Column or JSON key that holds the document's text; dotted inside an object"),
    id: column.describe("Column or JSON key of the source's own id, kept as sourceId"),
    url: column.describe("Column or JSON key of the document's address"),
    language: column.describe("Column, JSON key or folder key of its language"),
    label: column.describe(
      "Column, JSON key or folder key of a cluster or domain it is already in; folder: the first folder below what all the source's files share",
    ),
    embedding: column.describe("Column or JSON key of an embedding it already has"),
  })
  .prefault({})
  .describe("Where a record has what; what is null is found by the corpus's layout (climb inspect shows it)");

const Files = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((files) => (Array.isArray(files) ? files : [files]))
  .describe("Glob or list of globs, relative to the working directory");

const sourceShape = {
  name: z
    .string()
    .regex(/^\w[\w.-]*$/, "should be letters, digits, '.', '_' or '-', and begin with a letter or digit")
    .describe("Name of the source; stored with each of its documents"),
  files: Files,
  format: z
    .enum(["auto", "jsonl", "parquet", "text", "markdown", "html", "warc", "wet"])
    .default("auto")
    .describe("How to read the files; auto goes by a file's first bytes, then by its ending"),
  fields: Fields,
};

export const SourceConfig = z.strictObject({
  ...sourceShape,
  scores: z
    .union([z.literal("auto"), z.array(z.string().min(1))])
    .default("auto")
    .describe(
      "Numeric columns to carry along, for domains.prune rules; auto takes those the corpus is known for",
    ),
});

export const CorpusConfig = z.strictObject({
  sources: uniquelyNamed(z.array(SourceConfig).min(1)).describe("The raw documents that may enter training"),
  minCharacters: z.int().min(0).default(50).describe("Shorter documents are skipped and counted"),
  maxCharacters: positiveInteger.default(1_000_000).describe("Longer documents are skipped and counted"),
  shardBytes: positiveInteger
    .default(64 * 2 ** 20)
    .describe(
      "Input bytes one shard of reading or merging takes; larger files are cut where their format allows",
    ),
  signals: SignalsConfig,
  clean: CleanConfig,
  onBadFile: z
    .enum(["error", "skip"])
    .default("error")
    .describe("An unreadable file (truncated gzip, Parquet without footer): stop, or skip and count it"),
});

export const TargetConfig = z.strictObject({
  ...sourceShape,
  weight: z
    .number()
    .min(0)
    .default(1)
    .describe("Weight of this target's loss in the objective; 0 for one that is only guarded"),
  measure: Measure.default("bits-per-byte").describe(
    "What its loss is: bits per byte, of questions those of the right answers; or, of questions with alternatives, the error " +
      "rate, 1 - accuracy",
  ),
});

export const BenchmarkConfig = z.strictObject(sourceShape);

export const HoldoutConfig = z
  .strictObject({
    confirmShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.5)
      .describe("Share of each target's duplicate groups kept for the final table only"),
    neighbours: positiveInteger
      .default(16)
      .describe("Nearest training documents (by embedding) compared with each target document"),
    minCosine: z.number().min(-1).max(1).default(0.8).describe("Neighbours further away are not compared"),
    maxOverlap: share
      .default(0.5)
      .describe("Share of the shorter text's word 5-grams that makes two documents near duplicates"),
    ngramWords: positiveInteger
      .default(13)
      .describe(
        "Words of the n-grams by which training text that holds a target's or benchmark's text is found",
      ),
    minNgramShare: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe("Share of a target's or benchmark document's n-grams that makes a training document go"),
    minSimilarity: share
      .default(0.6)
      .describe("Jaccard similarity of word 5-grams, by MinHash, from which on a training document goes"),
    validation: z
      .strictObject({
        share: z
          .number()
          .gt(0)
          .max(0.5)
          .default(0.02)
          .describe("Share of each source's documents, drawn at random, that is held out"),
        maxDocuments: positiveInteger.default(20_000).describe("At most so many documents in all"),
        domainTokens: positiveInteger
          .default(8192)
          .describe("Tokens of each domain that a proxy is measured on, on each side of the split"),
      })
      .nullable()
      .default(null)
      .describe(
        "Text of every domain that no model trains on: each trial measures its bits per byte domain by domain. Documents " +
          "that resemble it, or come from the same address, are not trained on either; null holds nothing out. Not together with domains.cross",
      ),
  })
  .prefault({});

export type SourceConfig = z.output<typeof SourceConfig>;
export type CorpusConfig = z.output<typeof CorpusConfig>;
export type TargetConfig = z.output<typeof TargetConfig>;
export type HoldoutConfig = z.output<typeof HoldoutConfig>;
