/**
 * Stage 3: keep the text that judges apart from the text that trains.
 *
 *   in    the ingested corpus, targets and benchmarks, and the vectors of the first two; the corpus's may be missing where its domains are given
 *   out   training.npy       uint8, one a corpus row: 1 may train, 0 nearly duplicates a target document
 *         target-side.npy    uint8, one a target row: 0 select (the search sees it), 1 confirm (final table only)
 *         target-index.npy   int32, one a target row: which of the config's targets
 *         target-group.npy   int32, one a target row: its group of near duplicates
 *         target-tokens.npy, target-bytes.npy   uint32, one a target row
 *         removed.jsonl      every removed corpus document, the target or benchmark document it resembles, their
 *                            overlap, and what found it
 *         validation.npy     uint8, one a corpus row, where holdout.validation asks for it: 1 is held out to measure
 *                            its domain
 *
 * A target is split by groups of near duplicates, so that no confirm text was seen in other words.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { InputError } from "../pipeline/core/errors.ts";
import { writeNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { groupDuplicates, splitTargets } from "../pipeline/holdout/split-target.ts";
import { Random } from "../pipeline/math/random.ts";
import type { HoldoutConfig } from "../pipeline/schema/corpus-config.ts";
import { readColumn, readRows } from "./parts/corpus-columns.ts";
import { decontaminate, giveaways } from "./parts/decontaminate.ts";
import type { EmbedResult } from "./embed.ts";
import { readEmbeddings } from "./parts/embeddings.ts";
import type { IngestResult } from "./ingest.ts";
import { holdOutValidation } from "./parts/hold-out-validation.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { byText, overlaps } from "./parts/text-overlaps.ts";

const Side = z.strictObject({ documents: z.int(), tokens: z.int(), bytes: z.int() });

export const HoldoutResult = z.strictObject({
  trainingDocuments: z.int(),
  removedDocuments: z.int(),
  removedTokens: z.int(),
  /** Removed documents by what found them first. */
  removedBy: z.record(z.string(), z.int()),
  targets: z.array(z.strictObject({ name: z.string(), groups: z.int(), select: Side, confirm: Side })),
  /** Text of the corpus that is held out to measure every domain. */
  validation: z
    .strictObject({
      documents: z.int(),
      tokens: z.int(),
      /** Of each domain, what a proxy is measured on. */
      domainTokens: z.int(),
    })
    .optional(),
});
export type HoldoutResult = z.infer<typeof HoldoutResult>;

interface HoldoutStageConfig {
  readonly holdout: HoldoutConfig;
  readonly targets: readonly string[];
  readonly seed: number;
}

interface HoldoutInputs {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  corpusVectors?: Artifact<EmbedResult>;
  targetVectors: Artifact<EmbedResult>;
  /** Text that is judged by elsewhere, and that training must not hold either. */
  benchmarks?: Artifact<IngestResult>;
  [role: string]: Artifact;
}

export const holdout: Stage<HoldoutStageConfig, HoldoutInputs, HoldoutResult> = {
  name: "holdout",
  version: 4,
  entry: import.meta.filename,
  result: HoldoutResult,
  recorded: (config) => config,
  steps: { overlaps, giveaways },

  async run({ holdout, targets: names, seed }, inputs, context) {
    const { outDir, progress, signal, shards } = context;
    const { corpus, targets } = inputs;
    const { dimension } = inputs.targetVectors.result;
    checkSameDimension(inputs.corpusVectors?.result.dimension ?? dimension, dimension);
    const random = new Random(seed).fork("holdout");
    const target = await readEmbeddings(inputs.targetVectors);
    const texts = await readColumn(targets, "text");
    const sources = await readColumn(targets, "source");
    const tokens = await readColumn(targets, "tokens");
    const bytes = await readColumn(targets, "bytes");

    const targetIndex = Int32Array.from(sources, (source) => names.indexOf(source as string));
    const documents = texts.map((text, row) => ({
      text: text as string,
      bytes: bytes[row] as number,
      vector: target.vectors.subarray(row * target.dimension, (row + 1) * target.dimension),
    }));
    const groups = groupDuplicates(documents, holdout);
    const sides = splitTargets(names, targetIndex, documents, groups, holdout.confirmShare, random);
    const side = new Uint8Array(target.rows);
    const targetGroup = new Int32Array(target.rows);
    groups.forEach(({ members }, group) => {
      for (const row of members) {
        targetGroup[row] = group;
        side[row] = sides[group] === "confirm" ? 1 : 0;
      }
    });
    const summaries = names.map((name, index): HoldoutResult["targets"][number] => {
      const rows = [...targetIndex.keys()].filter((row) => targetIndex[row] === index);
      const count = (wanted: number) => {
        const members = rows.filter((row) => side[row] === wanted);
        const sum = (column: unknown[]) => members.reduce((total, row) => total + (column[row] as number), 0);
        return { documents: members.length, tokens: sum(tokens), bytes: sum(bytes) };
      };
      return {
        name,
        groups: new Set(rows.map((row) => targetGroup[row])).size,
        select: count(0),
        confirm: count(1),
      };
    });

    const vectors = inputs.corpusVectors && (await readEmbeddings(inputs.corpusVectors));
    // Brings a native module, which shards need not load.
    const { findContaminated } = await import("../pipeline/holdout/contaminated.ts");
    const nearTargets =
      vectors === undefined
        ? await byText(corpus, targets, holdout.maxOverlap, shards)
        : await findContaminated({
            training: { vectors: vectors.vectors, ids: (await readColumn(corpus, "id")) as string[] },
            targets: {
              vectors: target.vectors,
              ids: (await readColumn(targets, "id")) as string[],
              texts: texts as string[],
            },
            dimension: vectors.dimension,
            textsOf: async (rows) => (await readRows(corpus, "text", rows)) as string[],
            holdout,
            signal,
            onProgress: (done, total) =>
              progress({
                event: "work",
                stage: "holdout",
                step: "near duplicates",
                done,
                total,
                unit: "documents",
              }),
          });
    const judging = [targets, ...(inputs.benchmarks === undefined ? [] : [inputs.benchmarks])];
    const byWhat = vectors === undefined ? "overlap" : "embedding";
    const givingAway = mergeRows(
      nearTargets.map((match) => ({ ...match, by: byWhat })),
      await decontaminate(corpus, judging, holdout, shards),
    );
    const { documents: rows } = corpus.result;
    const training = new Uint8Array(rows).fill(1);
    for (const { row } of givingAway) training[row] = 0;
    const { validation } = holdout;
    const heldOut =
      validation &&
      (await holdOutValidation(
        corpus,
        training,
        { ...holdout, validation },
        context,
        random.fork("validation"),
      ));
    const contaminated = mergeRows<{ row: number; by: string }>(givingAway, heldOut?.removed ?? []);
    const removedBy: Record<string, number> = {};
    for (const { by } of contaminated) removedBy[by] = (removedBy[by] ?? 0) + 1;
    const corpusTokens = await readColumn(corpus, "tokens");
    let validationTokens = 0;
    heldOut?.isHeldOut.forEach((isHeldOut, row) => {
      if (isHeldOut === 0) return;
      training[row] = 0;
      validationTokens += corpusTokens[row] as number;
    });
    let removedTokens = 0;
    for (const { row } of contaminated) {
      training[row] = 0;
      removedTokens += corpusTokens[row] as number;
    }
    progress({ event: "metric", stage: "holdout", name: "removedDocuments", value: contaminated.length });
    if (training.every((kept) => kept === 0)) {
      throw new InputError(
        "every document nearly duplicates a target or benchmark",
        "use another target or raise holdout.maxOverlap and holdout.minNgramShare",
      );
    }

    await writeNpy(join(outDir, "training.npy"), training, [training.length]);
    if (heldOut !== null) await writeNpy(join(outDir, "validation.npy"), heldOut.isHeldOut, [rows]);
    const perTargetRow = {
      "target-side": side,
      "target-index": targetIndex,
      "target-group": targetGroup,
      "target-tokens": Uint32Array.from(tokens as number[]),
      "target-bytes": Uint32Array.from(bytes as number[]),
    };
    for (const [name, values] of Object.entries(perTargetRow)) {
      await writeNpy(join(outDir, `${name}.npy`), values, [values.length]);
    }
    const lines = contaminated.map((match) => `${JSON.stringify(match)}\n`);
    await writeFile(join(outDir, "removed.jsonl"), lines.join(""));
    return {
      trainingDocuments: rows - contaminated.length - (heldOut?.documents ?? 0),
      removedDocuments: contaminated.length,
      removedTokens,
      removedBy,
      targets: summaries,
      ...(validation &&
        heldOut && {
          validation: {
            documents: heldOut.documents,
            tokens: validationTokens,
            domainTokens: validation.domainTokens,
          },
        }),
    };
  },
};

/** Both lists, ascending by row; a row of both is the first one's. */
function mergeRows<Match extends { readonly row: number; readonly by: string }>(
  first: readonly Match[],
  second: readonly Match[],
): Match[] {
  const rows = new Set(first.map(({ row }) => row));
  return [...first, ...second.filter(({ row }) => !rows.has(row))].sort(
    (left, right) => left.row - right.row,
  );
}

/** @throws InputError where the two cannot be compared: one brings embeddings, and the other does not, or other ones */
function checkSameDimension(corpus: number, targets: number): void {
  if (corpus === targets) return;
  throw new InputError(
    `the corpus has vectors of ${corpus} dimensions, the targets of ${targets}`,
    "let the targets bring embeddings of the same model, set embed.model to it, or embed.readyMade to false",
  );
}

runAsScript(holdout);
