/**
 * olmix's swarms (allenai/olmix, `olmix fit`): `ratios.csv` and `metrics.csv`, joined by `run_id` (or `run`, as its published
 * swarms call it, with a prefix before both files' names). `name`, `index` and pandas' nameless column are no domains.
 */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { joinTables } from "./join-tables.ts";
import type { ImportOptions, ProxyRuns } from "./proxy-runs.ts";
import { readCsv } from "./read-csv.ts";

const ratiosFile = /^(?:(.+)_)?ratios\.csv$/;

export function isOlmix(names: readonly string[]): boolean {
  return names.some((name) => ratiosFile.test(name));
}

/** @throws InputError as joinTables, or if the folder holds not one pair of files but several or half of one */
export async function importOlmix(
  folder: string,
  names: readonly string[],
  options: ImportOptions,
): Promise<ProxyRuns> {
  const found = names.filter((name) => ratiosFile.test(name));
  const [ratios] = found;
  const metrics = ratios?.replace(/ratios\.csv$/, "metrics.csv");
  if (ratios === undefined || metrics === undefined || found.length > 1 || !names.includes(metrics)) {
    throw new InputError(
      `${folder}: one ratios.csv and one metrics.csv should be there; found ${found.join(", ")}` +
        (metrics !== undefined && !names.includes(metrics) ? ` but no ${metrics}` : ""),
      "put the two files that belong together into a folder of their own",
    );
  }
  const better = options.better ?? "lower";
  const { renormalised, ...table } = joinTables(
    await readCsv(join(folder, ratios)),
    await readCsv(join(folder, metrics)),
    {
      keys: ["run_id", "run"],
      ignored: ["", "name", "index"],
      domainName: (column) => column,
      measure: (column) => ({ name: column, unit: "as measured", better }),
    },
    options,
  );
  const notes =
    options.better === undefined
      ? [`${metrics} does not say so: lower is taken to be better (else --better higher)`]
      : [];
  if (renormalised > 0) {
    notes.push(`${renormalised} of ${table.runs.length} mixtures did not sum to 1: renormalised`);
  }
  return { format: "olmix", ...table, heldOut: [], files: [ratios, metrics], notes };
}
