import { InputError } from "../core/errors.ts";
import type { ClimbConfig } from "../schema/config.ts";
import type { Domain, DomainTable } from "../schema/domain.ts";
import { type Baseline, Manifest, type ManifestDomain } from "../schema/manifest.ts";
import type { ScaleResult } from "../schema/scale.ts";
import {
  domainsTarget,
  type FinalMixture,
  type MixturePrediction,
  type PredictorScore,
  type SearchResult,
} from "../schema/search.ts";
import { exactWeights } from "./exact-weights.ts";
import { bytesPerToken, documentProbabilities } from "./mixture-views.ts";

export interface ManifestInput {
  readonly config: ClimbConfig;
  readonly domains: DomainTable;
  readonly search: SearchResult;
  /** Null where the gain was not followed to larger sizes. */
  readonly scale: ScaleResult | null;
  readonly tokenizer: { readonly sha256: string; readonly vocabularySize: number };
  /** Target name to the bytes of its confirm text. */
  readonly confirmBytes: Readonly<Record<string, number>>;
  readonly lineage: Manifest["lineage"];
}

/**
 * The mixture manifest: the found weights in `config.export.decimals` fixed decimals that sum to exactly 1 (see
 * exactWeights), what they mean for a trainer, how they were measured and what they were made from.
 *
 * @throws InputError if the search was not run on these domains, or gives weight to a domain without documents
 */
export function buildManifest(input: ManifestInput): Manifest {
  const { config, search } = input;
  const { budget } = config;
  const domains = manifestDomains(input);
  return Manifest.parse({
    schemaVersion: 2,
    name: config.name,
    tokenizer: {
      name: config.tokenizer,
      ...input.tokenizer,
      bytesPerToken: bytesPerToken(domains),
    },
    budget: {
      targetTokens: budget.targetTokens,
      proxyTokens: budget.proxyTokens ?? budget.targetTokens,
      maxEpochs: budget.maxEpochs,
    },
    domains,
    phases: [{ name: "main", fromShare: 0, toShare: 1, weights: domains.map(({ weight }) => weight) }],
    baselines: Object.fromEntries(
      search.final.map((mixture, i) => [mixture.name, baseline(mixture, search.finalPredictions[i])]),
    ),
    verdict: search.verdict,
    scale: input.scale,
    search: {
      method: config.search.proposer,
      objective: [
        ...config.targets.map(({ name, weight, measure }) => ({ name, weight, measure })),
        ...(config.search.domainsWeight > 0
          ? [{ name: domainsTarget, weight: config.search.domainsWeight, measure: "bits-per-byte" as const }]
          : []),
      ].map(({ name, weight, measure }) => ({
        target: name,
        weight,
        measure,
        confirmBytes: input.confirmBytes[name],
      })),
      unit: search.unit,
      objectiveOf: search.objective,
      rounds: search.rounds.map(({ round, trials, bestObjective }) => ({
        round,
        trials: trials.length,
        bestObjective,
      })),
      predictor: lastPredictor(search),
      foundBy: search.foundBy,
      proxy: [
        describe(config.search.proxy),
        ...config.search.cheaper.map(({ proxy }) => `cheaper trials by ${describe(proxy)}`),
        ...(config.search.confirmProxy ? [`final table by ${describe(config.search.confirmProxy)}`] : []),
      ].join("; "),
    },
    lineage: input.lineage,
  } satisfies Record<keyof Manifest, unknown>);
}

function manifestDomains({ config, domains: { domains }, search }: ManifestInput): ManifestDomain[] {
  const ids = domains.map(({ id }) => id);
  if (ids.join("\n") !== search.domains.join("\n")) {
    throw new InputError(
      `the search was run on the domains ${search.domains.join(", ")}, but the table holds ${ids.join(", ")}`,
      "run the search again on this table",
    );
  }
  const found = search.final.find(({ name }) => name === "found");
  if (found === undefined) throw new InputError("the search's final table has no mixture called found");
  const weights = exactWeights(found.weights, config.export.decimals, search.maxWeights);
  for (const [i, { id, documents, tokens }] of domains.entries()) {
    if (weights[i]! > 0 && (documents === 0 || tokens === 0)) {
      throw new InputError(
        `${id} has the weight ${weights[i]} but ${documents} documents and ${tokens} tokens`,
        "run the search again on this table",
      );
    }
  }
  const probabilities = documentProbabilities(
    weights,
    domains.map((domain) => ({ meanTokens: meanTokens(domain) })),
  );
  return domains.map((domain, i) => ({
    id: domain.id,
    name: domain.name,
    keywords: domain.keywords,
    weight: weights[i]!,
    naturalShare: domain.naturalShare,
    weightRange: search.flatness.domains[i]!,
    tokens: domain.tokens,
    documents: domain.documents,
    bytes: domain.bytes,
    meanTokens: meanTokens(domain),
    documentProbability: probabilities[i]!,
    epochs: domain.tokens === 0 ? 0 : (weights[i]! * config.budget.targetTokens) / domain.tokens,
    maxEpochs: config.budget.maxEpochs,
    sources: domain.sources,
    scores: domain.scores,
    clusters: domain.clusters,
  }));
}

function meanTokens({ tokens, documents }: Domain): number {
  return documents === 0 ? 0 : tokens / documents;
}

function baseline(mixture: FinalMixture, predicted: MixturePrediction | undefined): Baseline {
  return {
    weights: mixture.weights,
    ...(predicted !== undefined && { predicted }),
    selectObjective: mixture.selectObjective,
    confirmObjective: mixture.confirmObjective,
    confirmInterval: mixture.confirmInterval,
    seedDeviation: mixture.seedDeviation,
    differenceToNatural: mixture.differenceToNatural,
    differenceInterval: mixture.differenceInterval,
  };
}

/** "ngram order=3 ...": the kind, then every parameter. */
function describe({ kind, ...parameters }: ClimbConfig["search"]["proxy"]): string {
  return [
    kind,
    ...Object.entries(parameters).map(
      ([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`,
    ),
  ].join(" ");
}

function lastPredictor({ rounds }: SearchResult): PredictorScore {
  const last = rounds.at(-1);
  const chosen = last?.predictors.find(({ predictor }) => predictor === last.chosenPredictor);
  if (chosen === undefined)
    throw new InputError("the search's last round does not score its chosen predictor");
  return chosen;
}
