/**
 * RegMix's CSV files (sail-sg/regmix, regression_fitting/data): `train_mixture_<size>.csv`, a column `index` and one weight a
 * domain; `train_<corpus>_loss_<size>.csv`, `index` and one loss a validation set, in nats per token. `test_` files of the
 * same kind are runs held out from fitting.
 */
import { join } from "node:path";
import { ConfigError, InputError } from "../core/errors.ts";
import { joinTables, type JoinedTables, type TableShape } from "./join-tables.ts";
import type { ImportOptions, ProxyRuns } from "./proxy-runs.ts";
import { readCsv } from "./read-csv.ts";

const mixtureFile = /^(train|test)_mixture_(.+)\.csv$/;
const lossFile = /^(train|test)_.+_loss_(.+)\.csv$/;

const shape: TableShape = {
  keys: ["index"],
  ignored: [""],
  domainName: (column) => column.replace(/^train_/, ""),
  measure: (column) => ({
    name: column.replace(/^metric\//, "").replace(/(_val)?_loss$/, ""),
    unit: "nats per token",
    better: "lower",
  }),
};

export function isRegmix(names: readonly string[]): boolean {
  return names.some((name) => mixtureFile.exec(name)?.[1] === "train");
}

/** @throws InputError as joinTables, or if the folder holds not one pair of files but several or half of one */
export async function importRegmix(
  folder: string,
  names: readonly string[],
  options: ImportOptions,
): Promise<ProxyRuns> {
  if (options.better === "higher") {
    throw new ConfigError("RegMix's files hold losses, of which lower is better", "leave --better out");
  }
  const train = onlyPair(folder, names, "train");
  const { runs, renormalised, ...table } = await readPair(folder, train, options);
  const files = [...train];
  const heldOut: JoinedTables["runs"] = [];
  if (names.some((name) => mixtureFile.exec(name)?.[1] === "test")) {
    const test = onlyPair(folder, names, "test");
    const tested = await readPair(folder, test, options);
    if (tested.domains.join("\n") !== table.domains.join("\n")) {
      throw new InputError(
        `${join(folder, test[0])} has the domains ${tested.domains.join(", ")}, ${train[0]} has ${table.domains.join(", ")}`,
        "move the test files out of the folder, or mend their headers",
      );
    }
    heldOut.push(...tested.runs);
    files.push(...test);
  }
  const notes =
    renormalised === 0 ? [] : [`${renormalised} of ${runs.length} mixtures did not sum to 1: renormalised`];
  return { format: "regmix", ...table, runs, heldOut, files, notes };
}

async function readPair(
  folder: string,
  [mixtures, losses]: readonly [string, string],
  options: ImportOptions,
): Promise<JoinedTables> {
  return joinTables(
    await readCsv(join(folder, mixtures)),
    await readCsv(join(folder, losses)),
    shape,
    options,
  );
}

/** The names of a split's mixture file and of the loss file of the same size. */
function onlyPair(folder: string, names: readonly string[], split: "train" | "test"): [string, string] {
  const of = (pattern: RegExp) => names.filter((name) => pattern.exec(name)?.[1] === split);
  const [mixtures, losses] = [of(mixtureFile), of(lossFile)];
  const pairs = mixtures.flatMap((mixture) => {
    const size = mixtureFile.exec(mixture)?.[2];
    return losses.filter((loss) => lossFile.exec(loss)?.[2] === size).map((loss) => [mixture, loss] as const);
  });
  const [pair] = pairs;
  if (pair !== undefined && pairs.length === 1 && mixtures.length === 1 && losses.length === 1)
    return [...pair];
  throw new InputError(
    `${folder}: ${split}_mixture_<size>.csv and ${split}_<corpus>_loss_<size>.csv should be there once each, of one size; ` +
      `there are ${[...mixtures, ...losses].join(", ")}`,
    "put the two files that belong together into a folder of their own",
  );
}
