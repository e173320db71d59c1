/**
 * The run config: one typed section per stage, every default resolved here. A stage's fingerprint hashes its
 * resolved section, so changing a default makes a new artifact instead of reusing an old one.
 *
 * Descriptions go into configs/climb.schema.json, which editors show while the YAML is written.
 */
import { z } from "zod";

const positiveInteger = z.int().positive();
const share = z.number().min(0).max(1);

const Fields = z
  .strictObject({
    text: z.string().default("text").describe("Column or JSON key that holds the document's text"),
    id: z.string().default("id").describe("Column or JSON key of the source's own id, kept as sourceId"),
    url: z.string().default("url").describe("Column or JSON key of the document's address"),
  })
  .prefault({});

/** A list whose members are told apart by their name. */
function uniquelyNamed<List extends z.ZodType<{ name: string }[]>>(list: List): List {
  return list.check((context) => {
    const names = context.value.map(({ name }) => name);
    const twice = names.findIndex((name, index) => names.indexOf(name) < index);
    if (twice < 0) return;
    const message = `'${names[twice]}' is the name of another one too`;
    context.issues.push({ code: "custom", input: context.value, path: [twice, "name"], message });
  });
}

const Files = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((files) => (Array.isArray(files) ? files : [files]))
  .describe("Glob or list of globs, relative to the working directory");

const sourceShape = {
  name: z
    .string()
    .regex(/^\w[\w.-]*$/, "should be letters, digits, '.', '_' or '-', and begin with a letter or digit")
    .describe("Name of the source; stored with each of its documents"),
  files: Files,
  format: z
    .enum(["auto", "jsonl", "parquet", "text", "markdown", "html", "warc", "wet"])
    .default("auto")
    .describe(
      "How to read the files; auto goes by the file's ending, and finds web archives by their first bytes",
    ),
  fields: Fields,
};

export const SourceConfig = z.strictObject({
  ...sourceShape,
  scores: z
    .array(z.string().min(1))
    .default([])
    .describe("Numeric columns to carry along, for domains.prune rules (FineWeb-Edu's score, say)"),
});

export const CorpusConfig = z.strictObject({
  sources: uniquelyNamed(z.array(SourceConfig).min(1)).describe("The raw documents that may enter training"),
  minCharacters: z.int().min(0).default(50).describe("Shorter documents are skipped and counted"),
  maxCharacters: positiveInteger.default(1_000_000).describe("Longer documents are skipped and counted"),
  shardBytes: positiveInteger
    .default(64 * 2 ** 20)
    .describe("Input bytes one shard of reading or merging takes; a file is never split"),
  onBadFile: z
    .enum(["error", "skip"])
    .default("error")
    .describe("An unreadable file (truncated gzip, Parquet without footer): stop, or skip and count it"),
});

export const TargetConfig = z.strictObject({
  ...sourceShape,
  weight: z.number().positive().default(1).describe("Weight of this target's bits per byte in the objective"),
});

export const HoldoutConfig = z
  .strictObject({
    confirmShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.5)
      .describe("Share of each target's duplicate groups kept for the final table only"),
    neighbours: positiveInteger
      .default(16)
      .describe("Nearest training documents (by embedding) compared with each target document"),
    minCosine: z.number().min(-1).max(1).default(0.8).describe("Neighbours further away are not compared"),
    maxOverlap: share
      .default(0.5)
      .describe("Share of the shorter text's word 5-grams that makes two documents near duplicates"),
  })
  .prefault({});

export const EmbedConfig = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .default("word-vectors")
      .describe("word-vectors (embedded), a hub name such as Xenova/all-MiniLM-L6-v2, or a model directory"),
    precision: z
      .enum(["int8", "fp32"])
      .default("int8")
      .describe("int8 loads model_quantized.onnx, fp32 loads model.onnx"),
    pooling: z.enum(["mean", "cls"]).default("mean").describe("Mean of the token vectors, or the first one"),
    maxTokens: positiveInteger.default(512).describe("Text beyond this many model tokens is not embedded"),
    prefix: z.string().default("").describe("Put before every text, for models trained with a prompt"),
    shardDocuments: positiveInteger.default(4096).describe("Documents one embedding shard takes"),
  })
  .prefault({});

export const ClusterConfig = z
  .strictObject({
    clusters: positiveInteger.default(1000).describe("K_init of the paper, section 3.1"),
    maxIterations: positiveInteger.default(25).describe("Lloyd iterations at most"),
    tolerance: z
      .number()
      .min(0)
      .default(1e-4)
      .describe("Stop when the inertia's relative decrease is below this"),
    initPointsPerCluster: positiveInteger
      .default(20)
      .describe("Greedy k-means++ looks at a sample of this many points per cluster"),
  })
  .prefault({});

const PruneRule = z.union([
  z.strictObject({
    score: z.string().min(1).describe("quality, advertisement, or a column named in corpus.sources[].scores"),
    minMean: z.number().describe("A cluster whose mean is below this is dropped"),
  }),
  z.strictObject({
    score: z.string().min(1).describe("quality, advertisement, or a column named in corpus.sources[].scores"),
    dropLowestShare: share.describe("This share of the clusters, those of the lowest mean, is dropped"),
  }),
]);

export const DomainsConfig = z
  .strictObject({
    prune: z
      .strictObject({
        preset: z
          .enum(["heuristic", "paper", "nvidia-recipe", "none"])
          .default("heuristic")
          .describe(
            "heuristic: quantiles of the embedded heuristics; paper and nvidia-recipe: their thresholds on classifier columns",
          ),
        rules: z
          .array(PruneRule)
          .default([])
          .describe("Further rules; a cluster is dropped if any rule says so"),
      })
      .prefault({}),
    merge: z
      .strictObject({
        method: z
          .enum(["ward", "kmeans"])
          .default("ward")
          .describe("Ward linkage, or k-means over the centroids"),
        domains: positiveInteger
          .nullable()
          .default(20)
          .describe("Number of domains to merge into; null merges by distance"),
        distance: z
          .number()
          .positive()
          .nullable()
          .default(null)
          .describe("Ward height at which merging stops (1.5 in the recipe); used when domains is null"),
        minDomainShare: share
          .default(0.005)
          .describe("A domain with a smaller share of the tokens joins the nearest one"),
        maxDomainShare: z
          .number()
          .gt(0)
          .max(1)
          .default(0.4)
          .describe(
            "A domain with a larger share of the tokens is split again where it has several clusters",
          ),
      })
      .prefault({}),
    keywords: positiveInteger.default(8).describe("c-TF-IDF keywords kept per domain"),
    representatives: positiveInteger
      .default(3)
      .describe("Documents nearest the domain's centre shown as examples"),
  })
  .prefault({});

export const BudgetConfig = z
  .strictObject({
    targetTokens: positiveInteger.describe("Tokens of the training run the mixture is for"),
    proxyTokens: positiveInteger
      .nullable()
      .default(null)
      .describe("Tokens one proxy trains on, with every domain's pool scaled alike; null is targetTokens"),
    maxEpochs: z
      .number()
      .positive()
      .default(4)
      .describe("Repetition cap: no domain is seen more often than this in targetTokens"),
  })
  .refine(({ targetTokens, proxyTokens }) => proxyTokens === null || proxyTokens <= targetTokens, {
    path: ["proxyTokens"],
    message: "should be <= targetTokens: a proxy stands for the run or a part of it",
  });

export const SamplerConfig = z
  .strictObject({
    temperature: share
      .default(0.5)
      .describe("Exponent on the token shares before they become the Dirichlet's mean; 1 keeps them"),
    minStrength: z.number().positive().default(0.1).describe("Smallest total of the Dirichlet's parameters"),
    maxStrength: z.number().positive().default(5).describe("Largest total of the Dirichlet's parameters"),
    strengths: positiveInteger.default(15).describe("Log-spaced totals between them; each draw takes one"),
    scaleByDomains: z
      .boolean()
      .default(false)
      .describe("Multiply the strengths by the number of domains, which makes balanced mixtures common"),
    minWeight: share.default(0.0002).describe("Smaller weights become zero"),
    onViolation: z
      .enum(["project", "reject"])
      .default("project")
      .describe("A draw beyond the repetition cap: move the excess to the other domains, or draw again"),
  })
  .prefault({});

export const NgramProxyConfig = z.strictObject({
  kind: z.literal("ngram").default("ngram").describe("Exact interpolated n-gram model of the mixture"),
  order: z.int().min(1).max(3).default(3).describe("Length of the longest n-gram"),
  discount: z.number().gt(0).lt(1).default(0.75).describe("Absolute discount of each count"),
  repetition: z
    .enum(["once", "saturating", "full"])
    .default("saturating")
    .describe("What a repeated token counts for: nothing more, less and less, or as much as a new one"),
  saturationEpochs: z
    .number()
    .positive()
    .default(15)
    .describe("R of 1 + R (1 - exp(-(epochs - 1) / R)), data-constrained scaling laws"),
});

export const SearchConfig = z
  .strictObject({
    rounds: z
      .array(positiveInteger)
      .min(1)
      .refine(
        ([first = 0]) => first >= 4,
        "the first round should be at least 4: a predictor is fitted to it",
      )
      .default([64, 32, 16])
      .describe("Proxies trained in each round; 64/32/16 in the paper"),
    pool: positiveInteger.default(20_000).describe("Candidates the predictor ranks in each later round"),
    top: positiveInteger
      .nullable()
      .default(null)
      .describe("The next round is drawn from this many best predicted; null is max(M^2, 128), the recipe's"),
    sampler: SamplerConfig,
    proxy: NgramProxyConfig.prefault({}),
    predictors: z
      .array(z.enum(["ensemble", "gp", "gbdt", "power-law", "log-linear", "ridge"]))
      .min(1)
      .default(["ensemble"])
      .describe("Predictors to choose from by cross-validation on the measured trials"),
    folds: z.int().min(2).default(5).describe("Folds of the cross-validation"),
    average: positiveInteger
      .default(128)
      .describe("The best predicted mixtures averaged into one final candidate"),
    confirmSeeds: positiveInteger.default(3).describe("Fresh document orders the final table is measured on"),
    resamples: positiveInteger.default(2000).describe("Bootstrap resamples of the target documents"),
    shardTrials: positiveInteger.default(16).describe("Trials one search shard takes"),
  })
  .prefault({});

export const exportTargets = [
  "megatron",
  "megatron-bridge",
  "nvidia-recipe",
  "olmo-core",
  "olmix",
  "dolma",
  "llm-foundry",
  "hf-datasets",
  "nanotron",
  "levanter",
  "marin",
  "litdata",
  "torchtitan",
  "maxtext",
  "llama-factory",
  "regmix",
] as const;

export const ExportConfig = z
  .strictObject({
    targets: z
      .array(z.enum(exportTargets))
      .default(["megatron", "hf-datasets", "olmix", "olmo-core", "nanotron", "dolma"])
      .describe("Trainers to write the mixture for"),
    dataRoot: z
      .string()
      .min(1)
      .default("/data/domains")
      .describe(
        "Where the trainer will find one folder or prefix per domain; no spaces, $, commas or wildcards",
      ),
    decimals: z.int().min(3).max(12).default(6).describe("Decimals of every exported weight"),
    sequenceTokens: positiveInteger
      .default(2048)
      .describe("Tokens of a training sequence, for trainers that count an epoch in sequences (llm-foundry)"),
  })
  .prefault({});

export const ClimbConfig = z.strictObject({
  name: z
    .string()
    .regex(/^\w[\w.-]*$/, "should be letters, digits, '.', '_' or '-', and begin with a letter or digit")
    .describe("Name of the run directory; the config's file name if left out"),
  seed: z.int().min(0).default(42).describe("Decides every random choice"),
  tokenizer: z
    .enum(["gpt2", "cl100k_base", "o200k_base"])
    .default("gpt2")
    .describe("Defines tokens, shares, caps and budgets everywhere"),
  executor: z.enum(["local"]).default("local").describe("Where shards run"),
  workers: z
    .union([z.literal("auto"), positiveInteger])
    .default("auto")
    .describe("Processes or threads at once; never changes a result"),
  corpus: CorpusConfig,
  targets: uniquelyNamed(z.array(TargetConfig).min(1)).describe(
    "Text whose bits per byte the search lowers; never enters training",
  ),
  holdout: HoldoutConfig,
  embed: EmbedConfig,
  cluster: ClusterConfig,
  domains: DomainsConfig,
  budget: BudgetConfig,
  search: SearchConfig,
  export: ExportConfig,
});

export type ClimbConfig = z.output<typeof ClimbConfig>;
export type SourceConfig = z.output<typeof SourceConfig>;
export type CorpusConfig = z.output<typeof CorpusConfig>;
export type TargetConfig = z.output<typeof TargetConfig>;
export type HoldoutConfig = z.output<typeof HoldoutConfig>;
export type EmbedConfig = z.output<typeof EmbedConfig>;
export type ClusterConfig = z.output<typeof ClusterConfig>;
export type DomainsConfig = z.output<typeof DomainsConfig>;
export type PruneRule = z.output<typeof PruneRule>;
export type BudgetConfig = z.output<typeof BudgetConfig>;
export type SamplerConfig = z.output<typeof SamplerConfig>;
export type NgramProxyConfig = z.output<typeof NgramProxyConfig>;
export type SearchConfig = z.output<typeof SearchConfig>;
export type ExportConfig = z.output<typeof ExportConfig>;
export type TokenizerName = ClimbConfig["tokenizer"];
export type ExportTarget = (typeof exportTargets)[number];
