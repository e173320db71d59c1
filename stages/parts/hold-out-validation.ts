/** The part of holdout that keeps text of the corpus itself for measuring, domain by domain. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { chooseValidation, distinctTexts } from "../../pipeline/holdout/choose-validation.ts";
import type { Random } from "../../pipeline/math/random.ts";
import type { HoldoutConfig } from "../../pipeline/schema/corpus-config.ts";
import type { IngestResult } from "../ingest.ts";
import { readColumn, readRows } from "./corpus-columns.ts";
import { decontaminateFrom, type Giveaway } from "./decontaminate.ts";

export interface HeldOut {
  /** 1 for the rows of the corpus that are. */
  readonly isHeldOut: Uint8Array;
  readonly documents: number;
  /** What may not be trained on because of it: resembling documents, and others of the same address. */
  readonly removed: readonly (Omit<Giveaway, "by"> & { readonly by: "validation" })[];
}

/**
 * Draws validation documents from every source, one of each group of near duplicates and none of an address that gives
 * another, and finds what else has to leave the training text for their sake.
 *
 * @param training One a corpus row: 0 for documents that are left out already.
 */
export async function holdOutValidation(
  corpus: Artifact<IngestResult>,
  training: Uint8Array,
  holdout: HoldoutConfig & { readonly validation: NonNullable<HoldoutConfig["validation"]> },
  { workDir, shards }: Pick<StageContext, "workDir" | "shards">,
  random: Random,
): Promise<HeldOut> {
  const sources = (await readColumn(corpus, "source")) as string[];
  const ids = (await readColumn(corpus, "id")) as string[];
  const urls = (await readColumn(corpus, "url")) as (string | null)[];
  const drawn = chooseValidation(sources, training, holdout.validation, random);
  const seen = new Set<string>();
  const ofOneAddress = drawn.filter((row) => {
    const url = urls[row];
    if (url === null || url === undefined) return true;
    const isNew = !seen.has(url);
    seen.add(url);
    return isNew;
  });
  const texts = (await readRows(corpus, "text", ofOneAddress)) as string[];
  const kept = distinctTexts(texts, holdout.maxOverlap);
  const rows = kept.map((index) => ofOneAddress[index]!);

  // Judges like any other, but of the corpus: everything else that resembles them goes.
  const judges = join(workDir, "validation.jsonl");
  await writeFile(
    judges,
    kept.map((index, at) => `${JSON.stringify({ id: ids[rows[at]!], text: texts[index] })}\n`).join(""),
  );
  const judging = { files: [judges], hash: await hashFile(judges) };
  const resembling = await decontaminateFrom(judging, corpus, holdout, shards);

  const isHeldOut = new Uint8Array(training.length);
  for (const row of rows) isHeldOut[row] = 1;
  const removed = new Map<number, HeldOut["removed"][number]>();
  for (const match of resembling) removed.set(match.row, { ...match, by: "validation" });
  const idOfUrl = new Map(rows.flatMap((row) => (urls[row] ? [[urls[row], ids[row]!] as const] : [])));
  urls.forEach((url, row) => {
    const targetId = url === null ? undefined : idOfUrl.get(url);
    if (targetId === undefined || removed.has(row)) return;
    removed.set(row, { row, id: ids[row]!, targetId, overlap: 0, by: "validation" });
  });
  // What was drawn and is near another of them.
  for (const row of drawn) {
    if (isHeldOut[row] === 0 && !removed.has(row)) {
      removed.set(row, { row, id: ids[row]!, targetId: ids[row]!, overlap: 1, by: "validation" });
    }
  }
  return {
    isHeldOut,
    documents: rows.length,
    removed: [...removed.values()]
      .filter(({ row }) => isHeldOut[row] === 0 && training[row] === 1)
      .sort((left, right) => left.row - right.row),
  };
}
