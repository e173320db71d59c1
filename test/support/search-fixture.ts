/**
 * A finished run to write manifests, exports and reports from: made up, but of the size and shape of the quick start,
 * consistent with itself, and the same for the same options.
 */
import { Random } from "../../pipeline/math/random.ts";
import { buildManifest, type ManifestInput } from "../../pipeline/manifest/build-manifest.ts";
import { ClimbConfig } from "../../pipeline/schema/config.ts";
import type { ReportInput } from "../../pipeline/report/report-input.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import type { Verdict } from "../../pipeline/schema/search.ts";
import { makeDomains } from "./fixture-domains.ts";
import { makeSearch } from "./fixture-search.ts";

export interface FixtureOptions {
  domains?: number;
  claim?: Verdict["claim"];
  /** Clusters that no rule drops leave the pruning section empty. */
  prune?: boolean;
  rounds?: number[];
  /** Weights of `found` instead of the made-up ones; length K. */
  foundWeights?: number[];
  config?: Record<string, unknown>;
}

export interface Fixture extends ManifestInput {
  readonly config: ClimbConfig;
  readonly manifest: Manifest;
}

const targetTokens = 2_400_000;
const maxEpochs = 4;

export function makeFixture(options: FixtureOptions = {}): Fixture {
  const random = new Random("search-fixture");
  const claim = options.claim ?? "gain";
  const config = ClimbConfig.parse({
    name: "quickstart",
    corpus: { sources: [{ name: "brown", files: "data/brown/*.jsonl" }] },
    targets: [
      { name: "fiction", files: "data/target/fiction.jsonl", weight: 2 },
      { name: "learned", files: "data/target/learned.jsonl" },
    ],
    budget: { targetTokens, maxEpochs },
    search: { rounds: options.rounds ?? [64, 32, 16], sampler: {} },
    ...options.config,
  });
  const table = makeDomains(options.domains ?? 14, options.prune ?? true, random.fork("domains"));
  const search = makeSearch(table.domains, config, claim, options.foundWeights, random.fork("search"));
  const input: ManifestInput = {
    config,
    domains: table,
    search,
    scale: null,
    tokenizer: { sha256: "30".repeat(32), vocabularySize: 50_257 },
    confirmBytes: { fiction: 412_880, learned: 388_104 },
    lineage: {
      toolVersion: "0.1.0",
      seed: config.seed,
      embedder: "word-vectors int8 mean 4f6c1a",
      git: { commit: "3f5b95e0c1d2a4b6978812345678900000abcdef", modified: false },
      configSha256: "9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef6cb97f0a1c6f1d3e2a",
      artifacts: Object.fromEntries(
        ["ingest", "embed", "holdout", "cluster", "domains", "search"].map((stage, i) => [
          stage,
          `${stage}-${random.fork(`artifact/${i}`).uint32().toString(16).padStart(8, "0")}c0de`,
        ]),
      ),
      inputs: [
        {
          role: "corpus",
          source: "brown",
          file: "data/brown/documents.jsonl",
          bytes: 5_812_330,
          sha256: "ab".repeat(32),
        },
        {
          role: "corpus",
          source: "spam",
          file: "data/spam/mail.jsonl.gz",
          bytes: 9_102_774,
          sha256: "cd".repeat(32),
        },
        {
          role: "corpus",
          source: "docs",
          file: "data/docs/markdown.jsonl",
          bytes: 7_020_001,
          sha256: "ef".repeat(32),
        },
        {
          role: "target",
          source: "fiction",
          file: "data/target/fiction.jsonl",
          bytes: 811_204,
          sha256: "12".repeat(32),
        },
      ],
    },
  };
  return { ...input, config, manifest: buildManifest(input) };
}

/** All the report takes. */
export function makeReportInput(options: FixtureOptions = {}): ReportInput {
  const { manifest, domains, search } = makeFixture(options);
  const kept = domains.clusters.reduce((sum, { documents }) => sum + documents, 0);
  const tokens = domains.clusters.reduce((sum, cluster) => sum + cluster.tokens, 0) + 18_240;
  const removedDocuments = 23;
  const share = (of: number) => ({
    documents: Math.round((kept + removedDocuments) * of),
    tokens: Math.round(tokens * of),
    bytes: Math.round(tokens * of * 4.31),
  });
  return {
    manifest,
    domains,
    search,
    corpus: {
      ...share(1),
      skipped: { "too-short": 214, duplicate: 137, "invalid-utf8": 3, "missing-text": 1 },
      bySource: { brown: share(0.45), spam: share(0.31), docs: share(0.24) },
      removedDocuments,
    },
    targets: [
      { name: "fiction", groups: 117, select: share(0.02), confirm: share(0.02) },
      { name: "learned", groups: 80, select: share(0.01), confirm: share(0.01) },
    ],
    clustering: {
      clusters: domains.clusters.length,
      iterations: [2711.4, 2460.2, 2391.7, 2367.1, 2359.9, 2357.6, 2357.1, 2357].map((inertia) => ({
        inertia,
      })),
    },
  };
}
