import { ConfigError } from "../core/errors.ts";
import type { EmbedConfig } from "../schema/embed-config.ts";
import { knownModel } from "./known-models.ts";

/** How a model is used; with the model's files it decides the vectors. */
export interface EmbedSettings {
  readonly pooling: "mean" | "cls" | "last-token";
  readonly maxTokens: number;
  readonly longTexts: "cut" | "average";
  readonly prefix: string;
  /** Leading dimensions kept; null for all. */
  readonly dimension: number | null;
  /** Whether a vector's mean is subtracted before its leading dimensions are taken, as the model was trained. */
  readonly centred: boolean;
}

/** The paper's length (section 4.1), and the number of positions of most encoders. */
const usualTokens = 512;

/**
 * The settings of a config, where it leaves them open those the model was trained with.
 *
 * @throws ConfigError if the model is known to have fewer dimensions than are to be kept
 */
export function embedSettings(config: EmbedConfig): EmbedSettings {
  const { model, pooling, maxTokens, longTexts, prefix, dimension } = config;
  const known = knownModel(model);
  checkDimension(dimension, known?.fullDimension ?? Infinity, model);
  return {
    pooling: pooling ?? known?.pooling ?? "mean",
    maxTokens: maxTokens ?? known?.maxTokens ?? usualTokens,
    longTexts,
    prefix: prefix ?? known?.prefix ?? "",
    dimension,
    centred: known?.centred ?? false,
  };
}

/** @throws ConfigError if more dimensions are to be kept than there are */
export function checkDimension(dimension: number | null, available: number, model: string): void {
  if (dimension === null || dimension <= available) return;
  throw new ConfigError(
    `embed.dimension=${dimension} should be <= ${available}, the dimension of ${model}`,
    `set it to ${available} or less, or leave it out`,
  );
}
