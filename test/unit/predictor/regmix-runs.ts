/** RegMix's published proxy runs (sail-sg/regmix, MIT): 17 domains of the Pile, 13 validation losses. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../../pipeline/core/errors.ts";
import { normalise } from "../../../pipeline/math/simplex.ts";

export interface RegmixRuns {
  readonly rows: number;
  readonly domains: number;
  /** rows * domains; each row renormalised, as the files' rows sum to 0.996-1.003. */
  readonly weights: Float64Array;
  /** Short names of the losses, and one array of rows each, in nats per token. */
  readonly names: string[];
  readonly losses: Float64Array[];
}

export const regmixFolder = "../shared/data/regmix";

/** @throws InputError if the folder or one of its files is missing */
export async function readRegmix(folder: string, split: "train" | "test"): Promise<RegmixRuns> {
  const mixtures = await readCsv(join(folder, `${split}_mixture_1m.csv`));
  const measured = await readCsv(join(folder, `${split}_pile_loss_1m.csv`));
  const rows = mixtures.rows.length;
  return {
    rows,
    domains: mixtures.names.length,
    weights: Float64Array.from(mixtures.rows.flatMap((row) => [...normalise(row)])),
    names: measured.names.map((name) => name.replace(/^metric\/the_pile_|_val_loss$/g, "")),
    losses: measured.names.map((_, loss) => Float64Array.from(measured.rows, (row) => row[loss]!)),
  };
}

/** Columns after the first, which is the index. */
async function readCsv(path: string): Promise<{ names: string[]; rows: number[][] }> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new InputError(
      `${path} is not there`,
      "give the folder of RegMix's CSV files with runs=DIR (github.com/sail-sg/regmix, regression_fitting/data)",
      { cause },
    );
  });
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const numbers = lines.map((line) => line.split(",").slice(1).map(Number));
  return { names: header.split(",").slice(1), rows: numbers };
}
