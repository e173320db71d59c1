import { ConfigError } from "../core/errors.ts";
import { hashFile, hashJson } from "../core/hash.ts";
import type { EmbedConfig } from "../schema/embed-config.ts";
import type { Embedder } from "./embedder.ts";
import { findModelFiles } from "./model-files.ts";
import { findSentenceEncoder } from "./sentence-encoder/package-files.ts";
import { embedSettings, type EmbedSettings } from "./settings.ts";

/** Raised when the same files and settings give other vectors than before. */
const version = 3;

/** An implementation of Embedder with the files it would read. */
interface Found {
  readonly implementation: "static" | "transformer" | "sentence-encoder" | "http";
  /** Paths by what they hold; their contents decide the vectors, with the settings. */
  readonly files: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  open(identity: string): Promise<Embedder>;
}

/**
 * The embedder of a config: table look-up for the embedded "word-vectors", Universal Sentence Encoder Lite for
 * "use-lite", a server where embed.http.url names one, and a forward pass for any other feature-extraction model, a hub
 * name or a directory.
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
  const found = await findImplementation(config);
  // With other vectors among its own, an embedder is another one for whoever compares them.
  return config.readyMade ? { ...found, settings: { ...found.settings, readyMade: true } } : found;
}

async function findImplementation(config: EmbedConfig): Promise<Found> {
  const settings = embedSettings(config);
  if (config.http.url !== null) return findServed(config, config.http.url, settings);
  if (config.model === "use-lite") return findUseLite(config, settings);
  const { implementation, folder, ...files } = await findModelFiles(config);
  if (implementation === "static") checkFixed(config);
  return {
    implementation,
    files,
    settings: { ...settings },
    open: async (identity) => {
      const model = { implementation, folder, ...files };
      if (implementation === "static") {
        const { StaticEmbedder } = await import("./static-embedder.ts");
        return StaticEmbedder.open(model, settings, identity);
      }
      const { TransformerEmbedder } = await import("./transformer-embedder.ts");
      return TransformerEmbedder.open(model, config, settings, identity);
    },
  };
}

/** Which server answers is no part of the identity, as no path is: it is the model that is named. */
function findServed(config: EmbedConfig, url: string, settings: EmbedSettings): Found {
  const { model, http, pooling } = config;
  if (pooling !== null) {
    throw new ConfigError(
      `embed.pooling is ${pooling}, but the server of embed.http.url pools as it was started`,
      "leave embed.pooling out, and start the server with it",
    );
  }
  return {
    implementation: "http",
    files: {},
    settings: { ...settings, model, maxCharacters: http.maxCharacters },
    open: async (identity) => {
      const { HttpEmbedder } = await import("./http/http-embedder.ts");
      return HttpEmbedder.open(config, url, settings, identity);
    },
  };
}

async function findUseLite(config: EmbedConfig, settings: EmbedSettings): Promise<Found> {
  checkFixed(config);
  const { precision } = config;
  const files = await findSentenceEncoder();
  const { graph, vocabulary, weights } = files;
  return {
    implementation: "sentence-encoder",
    files: { ...Object.fromEntries(weights.entries()), graph, vocabulary },
    settings: { ...settings, precision },
    open: async (identity) => {
      const { SentenceEncoder } = await import("./sentence-encoder/sentence-encoder.ts");
      return SentenceEncoder.open(files, precision, settings, identity);
    },
  };
}

/** @throws ConfigError for settings that the embedded models do not have */
function checkFixed({ model, pooling, dimension }: EmbedConfig): void {
  if (pooling !== null && pooling !== "mean") {
    throw new ConfigError(
      `embed.pooling is ${pooling}, but ${model} has no token that stands for the whole text`,
      "set embed.pooling to mean",
    );
  }
  if (dimension !== null) {
    throw new ConfigError(
      `embed.dimension is ${dimension}, but ${model} was not trained to be cut`,
      "leave embed.dimension out",
    );
  }
}

async function identityOf({ implementation, files, settings }: Found): Promise<string> {
  const hashes: Record<string, string> = {};
  for (const [role, path] of Object.entries(files)) hashes[role] = await hashFile(path);
  return hashJson({ version, implementation, hashes, ...settings });
}
