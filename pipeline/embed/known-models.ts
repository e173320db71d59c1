import type { EmbedSettings } from "./settings.ts";

export interface KnownModel extends Omit<EmbedSettings, "dimension" | "longTexts"> {
  /** Repository of the hub that has it as ONNX, fp32 and int8; null if none has. */
  readonly repository: string | null;
  readonly fullDimension: number;
}

/** What most of them are: BERT of 512 positions, trained without prompts. */
const usual = { maxTokens: 512, prefix: "", centred: false } as const;

/**
 * Settings that models were trained with, from their model cards. Documents are to be clustered, not searched for:
 * where a model has a prompt for that it is the one here. By the last part of their hub names.
 */
export const knownModels: Readonly<Record<string, KnownModel>> = {
  "all-MiniLM-L6-v2": {
    ...usual,
    repository: "Xenova/all-MiniLM-L6-v2",
    pooling: "mean",
    fullDimension: 384,
    maxTokens: 256,
  },
  "bge-small-en-v1.5": {
    ...usual,
    repository: "Xenova/bge-small-en-v1.5",
    pooling: "cls",
    fullDimension: 384,
  },
  "bge-base-en-v1.5": { ...usual, repository: "Xenova/bge-base-en-v1.5", pooling: "cls", fullDimension: 768 },
  "gte-small": { ...usual, repository: "Xenova/gte-small", pooling: "mean", fullDimension: 384 },
  "multilingual-e5-small": {
    ...usual,
    repository: "Xenova/multilingual-e5-small",
    pooling: "mean",
    fullDimension: 384,
    // Its card: "query: " for features of clustering, "passage: " for what is searched.
    prefix: "query: ",
  },
  "nomic-embed-text-v1.5": {
    ...usual,
    repository: "nomic-ai/nomic-embed-text-v1.5",
    pooling: "mean",
    fullDimension: 768,
    prefix: "clustering: ",
    // Trained on 2,048 positions; 512 is what the paper gives its model, and attention costs grow with the square.
    centred: true,
  },
  /** The paper's (section 4.1). Of its dense layers after pooling, servers run that of 1,024 dimensions. */
  stella_en_400M_v5: { ...usual, repository: null, pooling: "mean", fullDimension: 1024 },
};

/** What is known of a model by its hub name, its short name, or the name of its directory. */
export function knownModel(model: string): KnownModel | undefined {
  const name = model.replace(/\/+$/, "").split("/").at(-1)!;
  return Object.hasOwn(knownModels, name) ? knownModels[name] : undefined;
}
