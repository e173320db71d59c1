import { ConfigError } from "../core/errors.ts";
import { hashFile, hashJson } from "../core/hash.ts";
import type { EmbedConfig } from "../schema/embed-config.ts";
import type { Embedder } from "./embedder.ts";
import { findModelFiles } from "./model-files.ts";
import { findSentenceEncoder } from "./sentence-encoder/package-files.ts";

/** Raised when the same files and settings give other vectors than before. */
const version = 1;

/** An implementation of Embedder with the files it would read. */
interface Found {
  readonly implementation: "static" | "transformer" | "sentence-encoder";
  /** Paths by what they hold; their contents decide the vectors, with the settings. */
  readonly files: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  open(identity: string): Promise<Embedder>;
}

/**
 * The embedder of a config: table look-up for the embedded "word-vectors", Universal Sentence Encoder Lite for
 * "use-lite", and a forward pass for any other feature-extraction model, a hub name or a directory.
 *
 * @throws InputError if a file of the model is missing or unusable, or the hub cannot be reached
 * @throws ConfigError if the settings do not fit the model
 */
export async function createEmbedder(config: EmbedConfig): Promise<Embedder> {
  const found = await find(config);
  return found.open(await identityOf(found));
}

/**
 * The identity that createEmbedder's embedder would have, from hashing files: no model is loaded. A hub model
 * is downloaded first if it is not in the cache.
 *
 * @throws InputError, ConfigError as createEmbedder does
 */
export async function embedderIdentity(config: EmbedConfig): Promise<string> {
  return identityOf(await find(config));
}

async function find(config: EmbedConfig): Promise<Found> {
  const { model, pooling, maxTokens, prefix, precision } = config;
  if ((model === "word-vectors" || model === "use-lite") && pooling === "cls") {
    throw new ConfigError(
      `embed.pooling is cls, but ${model} has no token that stands for the whole text`,
      "set embed.pooling to mean",
    );
  }
  if (model === "use-lite") {
    const files = await findSentenceEncoder();
    return {
      implementation: "sentence-encoder",
      files: {
        ...Object.fromEntries(files.weights.entries()),
        graph: files.graph,
        vocabulary: files.vocabulary,
      },
      settings: { maxTokens, prefix, precision },
      open: async (identity) => {
        const { SentenceEncoder } = await import("./sentence-encoder/sentence-encoder.ts");
        return SentenceEncoder.open(files, config, identity);
      },
    };
  }
  const { implementation, folder, ...files } = await findModelFiles(config);
  return {
    implementation,
    files,
    settings: { pooling, maxTokens, prefix },
    open: async (identity) => {
      const model = { implementation, folder, ...files };
      if (implementation === "static") {
        const { StaticEmbedder } = await import("./static-embedder.ts");
        return StaticEmbedder.open(model, config, identity);
      }
      const { TransformerEmbedder } = await import("./transformer-embedder.ts");
      return TransformerEmbedder.open(model, config, identity);
    },
  };
}

async function identityOf({ implementation, files, settings }: Found): Promise<string> {
  const hashes: Record<string, string> = {};
  for (const [role, path] of Object.entries(files)) hashes[role] = await hashFile(path);
  return hashJson({ version, implementation, hashes, ...settings });
}
