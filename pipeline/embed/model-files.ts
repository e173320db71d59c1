import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ConfigError, InputError } from "../core/errors.ts";
import type { EmbedConfig } from "../schema/embed-config.ts";
import { downloadModel } from "./download-model.ts";
import { knownModel } from "./known-models.ts";

/** The files that decide a model's vectors: a transformers.js model directory. */
export interface ModelFiles {
  readonly implementation: "static" | "transformer";
  readonly folder: string;
  readonly config: string;
  readonly tokenizer: string;
  readonly tokenizerConfig: string;
  readonly graph: string;
}

/** The committed model's directory, found from this file whether it runs from the sources or from a build. */
export function wordVectorsFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return join(folder, "data", "models", "word-vectors");
}

/**
 * Find the files of `embed.model`: the embedded model by its name, then a directory, then the hub's cache,
 * downloading what is not there yet.
 *
 * @throws InputError naming the file that is missing, or the hub that cannot be reached
 */
export async function findModelFiles({ model, precision }: EmbedConfig): Promise<ModelFiles> {
  const graph = precision === "int8" ? "onnx/model_quantized.onnx" : "onnx/model.onnx";
  const names = ["config.json", "tokenizer.json", "tokenizer_config.json", graph];
  const isEmbedded = model === "word-vectors";
  const folder = isEmbedded
    ? wordVectorsFolder()
    : ((await localFolder(model)) ?? (await downloadModel(hubName(model), names)));
  for (const name of names) {
    if (await isFile(join(folder, name))) continue;
    const other = precision === "int8" ? "fp32" : "int8";
    throw new InputError(
      `embed.model ${model} has no file ${join(folder, name)}`,
      name !== graph
        ? "a model directory holds config.json, tokenizer.json, tokenizer_config.json and an onnx folder"
        : isEmbedded
          ? `build it with node dist/stages/build-word-vectors.js --precision ${precision}`
          : `embed.precision is ${precision}: put the file there, or set embed.precision to ${other}`,
    );
  }
  return {
    implementation: isEmbedded ? "static" : "transformer",
    folder,
    config: join(folder, "config.json"),
    tokenizer: join(folder, "tokenizer.json"),
    tokenizerConfig: join(folder, "tokenizer_config.json"),
    graph: join(folder, graph),
  };
}

/**
 * The repository of a model of the hub, which for known models may go without its owner.
 *
 * @throws ConfigError if the model is known to have no ONNX file
 */
function hubName(model: string): string {
  const known = knownModel(model);
  if (known?.repository === null) {
    throw new ConfigError(
      `embed.model ${model} has no ONNX file on the hub`,
      "serve it, for example with text-embeddings-inference, and set embed.http.url; or give a directory with an ONNX file",
    );
  }
  return model.includes("/") ? model : (known?.repository ?? model);
}

/** The directory that `model` names, if it names one rather than a model of the hub. */
async function localFolder(model: string): Promise<string | undefined> {
  const folder = resolve(model);
  const status = await stat(folder).catch(() => undefined);
  if (status?.isDirectory() === true) return folder;
  const isHubName = /^[\w-][\w.-]*(\/[\w.-]+)?$/.test(model);
  if (isHubName && status === undefined) return undefined;
  throw new InputError(
    `embed.model ${model}: there is no directory ${folder}`,
    "give a directory with config.json, tokenizer.json and onnx/, a hub name such as Xenova/all-MiniLM-L6-v2, use-lite or word-vectors",
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
