import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "../core/atomic-file.ts";
import { InputError } from "../core/errors.ts";
import { importTransformers } from "./import-transformers.ts";
import { reasonOf } from "./reason-of.ts";

/**
 * Download the files of a hub model that are not cached yet. They are kept in the user's cache folder
 * (XDG_CACHE_HOME or ~/.cache), whole or not at all. HF_ENDPOINT names a mirror, HF_TOKEN opens gated models.
 *
 * @param files paths inside the model's repository
 * @param setting the config key that names the model
 * @returns the directory that holds them
 * @throws InputError if the hub cannot be reached or has no such file, or HF_HUB_OFFLINE forbids to ask it
 */
export async function downloadModel(
  model: string,
  files: readonly string[],
  setting = "embed.model",
): Promise<string> {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "climb", "models", model);
  for (const file of files) {
    const path = join(folder, file);
    const isCached = (await stat(path).catch(() => undefined))?.isFile() === true;
    if (isCached) continue;
    if (isOffline()) {
      throw new InputError(
        `${setting} ${model}: HF_HUB_OFFLINE is set, and there is no ${path}`,
        "unset it once to download the model, or copy the model's files there",
      );
    }
    await writeFileAtomic(path, await fetchFromHub(model, file, setting));
  }
  return folder;
}

/** As huggingface_hub reads its variable. */
function isOffline(): boolean {
  return ["1", "on", "yes", "true"].includes((process.env["HF_HUB_OFFLINE"] ?? "").toLowerCase());
}

async function fetchFromHub(model: string, file: string, setting: string): Promise<Uint8Array> {
  const { env } = await importTransformers();
  const { getModelFile } = await import("@xenova/transformers/src/utils/hub.js");
  try {
    return await getModelFile(model, file);
  } catch (error) {
    throw new InputError(
      `${setting} ${model} is no directory, and ${file} cannot be fetched from ${env.remoteHost} (${reasonOf(error)})`,
      setting === "embed.model"
        ? "check the name, embed.precision and the network; offline, copy the model's folder here and set embed.model to its path, or use word-vectors"
        : `check the name and the network; offline, copy the folder here and set ${setting} to its path`,
      { cause: error },
    );
  }
}
