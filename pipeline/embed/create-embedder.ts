import { ConfigError } from "../core/errors.ts";
import { hashFile, hashJson } from "../core/hash.ts";
import type { EmbedConfig } from "../schema/embed-config.ts";
import type { Embedder } from "./embedder.ts";
import { findModelFiles, type ModelFiles } from "./model-files.ts";

/** Raised when the same files and settings give other vectors than before. */
const version = 1;

/**
 * The embedder of a config: table look-up for the embedded "word-vectors", and a forward pass for any other
 * feature-extraction model, a hub name or a directory.
 *
 * @throws InputError if a file of the model is missing or unusable, or the hub cannot be reached
 * @throws ConfigError if the settings do not fit the model
 */
export async function createEmbedder(config: EmbedConfig): Promise<Embedder> {
  const files = await findModelFiles(config);
  const identity = await identityOf(files, config);
  if (files.implementation === "static") {
    const { StaticEmbedder } = await import("./static-embedder.ts");
    return StaticEmbedder.open(files, config, identity);
  }
  const { TransformerEmbedder } = await import("./transformer-embedder.ts");
  return TransformerEmbedder.open(files, config, identity);
}

/**
 * The identity that createEmbedder's embedder would have, from hashing files: no model is loaded. A hub model
 * is downloaded first if it is not in the cache.
 *
 * @throws InputError, ConfigError as createEmbedder does
 */
export async function embedderIdentity(config: EmbedConfig): Promise<string> {
  return identityOf(await findModelFiles(config), config);
}

async function identityOf(files: ModelFiles, config: EmbedConfig): Promise<string> {
  const { implementation, folder: _, ...paths } = files;
  const { pooling, maxTokens, prefix } = config;
  if (implementation === "static" && pooling === "cls") {
    throw new ConfigError(
      "embed.pooling is cls, but word-vectors has no token that stands for the whole text",
      "set embed.pooling to mean",
    );
  }
  const hashes: Record<string, string> = {};
  for (const [role, path] of Object.entries(paths)) hashes[role] = await hashFile(path);
  return hashJson({ version, implementation, hashes, pooling, maxTokens, prefix });
}
