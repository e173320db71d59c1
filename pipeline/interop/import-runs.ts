import { readdir } from "node:fs/promises";
import { InputError } from "../core/errors.ts";
import { importNvidiaRecipe, isNvidiaRecipe } from "./nvidia-recipe.ts";
import { importOlmix, isOlmix } from "./olmix.ts";
import type { ImportOptions, ProxyRuns, RunsFormat } from "./proxy-runs.ts";
import { importRegmix, isRegmix } from "./regmix.ts";

/**
 * Bring in proxy runs made elsewhere; the format is told by the files' names.
 *
 * @throws InputError if the folder holds no known format, or two; and whatever the format's own import throws
 */
export async function importRuns(folder: string, options: ImportOptions = {}): Promise<ProxyRuns> {
  const names = (
    await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      throw new InputError(`cannot read the folder ${folder} (${error.code})`, known, { cause: error });
    })
  ).sort();
  const formats: Record<RunsFormat, { found: boolean; read: () => Promise<ProxyRuns> }> = {
    regmix: { found: isRegmix(names), read: () => importRegmix(folder, names, options) },
    olmix: { found: isOlmix(names), read: () => importOlmix(folder, names, options) },
    "nvidia-recipe": {
      found: await isNvidiaRecipe(folder),
      read: () => importNvidiaRecipe(folder, options),
    },
  };
  const found = Object.entries(formats).filter(([, format]) => format.found);
  const [first] = found;
  if (first === undefined) throw new InputError(`${folder}: no proxy runs of a known format`, known);
  if (found.length > 1) {
    throw new InputError(
      `${folder} holds the files of ${found.map(([name]) => name).join(" and ")}`,
      "leave those of one format",
    );
  }
  return first[1].read();
}

const known =
  "give a folder with RegMix's train_mixture_*.csv and train_*_loss_*.csv, olmix's ratios.csv and metrics.csv, " +
  "or the recipe's mixtures_<round>/n<i>.sh and <results>_<round>/n<i>/*/results_*.json";
