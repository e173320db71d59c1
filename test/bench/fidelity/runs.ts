/** The benchmark's trainings, each kept in a file, so that it may be stopped and gone on with. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../pipeline/core/atomic-file.ts";
import { hashJson } from "../../../pipeline/core/hash.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { type Measured, trainTransformer, type TransformerRun } from "./models.ts";
import type { Setting } from "./setting.ts";

export interface Run {
  readonly model: string;
  readonly settings: TransformerRun;
  readonly mixture: number;
  readonly seed: string;
}

/** Raised when the same run gives other numbers: another engine, another recipe that is not in the settings. */
const version = 1;

export async function cachedRun(cache: string, setting: Setting, run: Run): Promise<Measured | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(cache, setting, run), "utf8")) as Measured;
  } catch {
    return undefined;
  }
}

export async function doRun(cache: string, setting: Setting, run: Run): Promise<void> {
  const mixture = setting.mixtures[run.mixture]!;
  const measured = await trainTransformer(run.settings, setting, mixture, new Random(run.seed));
  await writeFileAtomic(pathOf(cache, setting, run), `${JSON.stringify(measured)}\n`);
}

function pathOf(cache: string, { hash }: Setting, { model, settings, mixture, seed }: Run): string {
  const key = hashJson({ version, hash, settings, seed }).slice(0, 12);
  return join(cache, `${model}-${key}`, `${mixture}.json`);
}
