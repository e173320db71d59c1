/**
 * The run config: one typed section per stage, every default resolved in its section's file. A stage's fingerprint
 * hashes its resolved section, so changing a default makes a new artifact instead of reusing an old one.
 *
 * Descriptions go into configs/climb.schema.json, which editors show while the YAML is written.
 */
import { z } from "zod";
import { BudgetConfig } from "./budget-config.ts";
import { ClusterConfig } from "./cluster-config.ts";
import { BenchmarkConfig, CorpusConfig, HoldoutConfig, TargetConfig } from "./corpus-config.ts";
import { DomainsConfig } from "./domains-config.ts";
import { EmbedConfig } from "./embed-config.ts";
import { ExportConfig } from "./export-config.ts";
import { positiveInteger } from "./numbers.ts";
import { ProxyTokenizerConfig } from "./proxy-tokenizer-config.ts";
import { ReclusterConfig } from "./recluster-config.ts";
import { ScaleConfig } from "./scale-config.ts";
import { SearchConfig } from "./search-config.ts";
import { SlurmConfig } from "./slurm-config.ts";
import { uniquelyNamed } from "./uniquely-named.ts";

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
  executor: z
    .enum(["local", "slurm"])
    .default("local")
    .describe("Where shards run: child processes here, or job arrays; never changes a result"),
  workers: z
    .union([z.literal("auto"), positiveInteger])
    .default("auto")
    .describe("Processes or threads at once; never changes a result"),
  slurm: SlurmConfig,
  corpus: CorpusConfig,
  targets: uniquelyNamed(z.array(TargetConfig).min(1)).describe(
    "Text whose bits per byte, or questions whose error rate, the search lowers; never enters training",
  ),
  benchmarks: uniquelyNamed(z.array(BenchmarkConfig))
    .default([])
    .describe(
      "Further text that training documents must not hold, nor nearly duplicate; they are removed and counted",
    ),
  holdout: HoldoutConfig,
  embed: EmbedConfig,
  cluster: ClusterConfig,
  domains: DomainsConfig,
  recluster: ReclusterConfig,
  budget: BudgetConfig,
  proxyTokenizer: ProxyTokenizerConfig.nullable()
    .default(null)
    .describe(
      "Tokenizer of the proxies; null is the run's own for n-grams, a BPE of 4096 for proxies that train",
    ),
  search: SearchConfig,
  scale: ScaleConfig,
  export: ExportConfig,
});

export type ClimbConfig = z.output<typeof ClimbConfig>;
export type TokenizerName = ClimbConfig["tokenizer"];
