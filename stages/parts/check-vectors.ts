import type { Artifact } from "../../pipeline/core/artifact.ts";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import type { EmbedResult } from "../embed.ts";
import type { ModelResult } from "../model.ts";

/**
 * @throws ConfigError for a model from another embedder; InputError for vectors of another dimension
 */
export function checkVectors(model: Artifact<ModelResult>, vectors: Artifact<EmbedResult>): void {
  if (model.result.embedder !== vectors.result.identity) {
    throw new ConfigError(
      `model ${model.name} is from another embedder: it was made with ${model.result.embedder}, the vectors with ${vectors.result.identity}`,
      "embed the corpus with the model's embedder, or make a model with this one",
    );
  }
  if (model.result.dimension !== vectors.result.dimension) {
    throw new InputError(
      `the vectors have dimension ${vectors.result.dimension}, the centroids of ${model.name} have ${model.result.dimension}`,
      "embed the corpus with the model's embedder",
    );
  }
}
