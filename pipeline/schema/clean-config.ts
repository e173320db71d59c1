/** Config keys corpus.signals and corpus.clean: what is measured of each document, and which are left out. */
import { z } from "zod";
import { positiveInteger, share } from "./numbers.ts";

export const signalSets = ["language", "gopher", "c4", "fineweb"] as const;
export type SignalSet = (typeof signalSets)[number];

export const SignalsConfig = z
  .array(z.enum(signalSets))
  .default([])
  .describe(
    "Numeric columns to measure, for domains.prune rules: gopher_*, c4_* and fineweb_*, what the published filters go by (c4_bad_words with clean.badWords); language fills the column of that name where the source has none, and language_confidence",
  );

const NearDuplicates = z
  .strictObject({
    words: positiveInteger.default(5).describe("Words of a shingle"),
    bands: positiveInteger
      .default(14)
      .describe("Bands of hashes; one in common makes two documents near duplicates"),
    rows: positiveInteger
      .default(8)
      .describe(
        "Hashes of a band; documents alike by (1/bands)^(1/rows), .72, are found half of the time or more",
      ),
  })
  .describe("MinHash over word shingles, as for FineWeb");

export const CleanConfig = z
  .strictObject({
    languages: z
      .array(z.string().min(2))
      .nullable()
      .default(null)
      .describe("Languages to keep, as en or eng; by the source's own column, else as detected"),
    minLanguageConfidence: share.default(0.5).describe("A detected language less sure than this is none"),
    rules: z
      .array(z.enum(["gopher", "gopher-repetition", "c4", "c4-bad-words", "fineweb"]))
      .default([])
      .describe(
        "Published filters; a document that fails one is skipped and counted under the rule's name; c4-bad-words needs badWords",
      ),
    badWords: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "Files with a word or phrase a line, as C4's list has them: counted by the c4 signals, and what rule c4-bad-words goes by",
      ),
    blockedUrls: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "Files with a domain or address a line: documents from there, or below, are skipped and counted",
      ),
    maskPersonalData: z
      .boolean()
      .default(false)
      .describe("Replace e-mail and IP addresses in the text; documents and addresses are counted"),
    nearDuplicates: NearDuplicates.nullable()
      .default(null)
      .describe(
        "Of near duplicates one stays, the others are skipped and counted; null keeps all but equal texts",
      ),
  })
  .refine(({ rules, badWords }) => badWords.length > 0 || !rules.includes("c4-bad-words"), {
    path: ["badWords"],
    message: "rule c4-bad-words needs a list: no words come with climb",
  })
  .prefault({})
  .describe("What is left out or masked, each optional and counted");

export type CleanConfig = z.output<typeof CleanConfig>;
export type NearDuplicatesConfig = NonNullable<CleanConfig["nearDuplicates"]>;
