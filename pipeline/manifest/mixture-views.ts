/** The mixture of a manifest as a trainer needs it: of one phase, or counted by another tokenizer. */
import { ConfigError } from "../core/errors.ts";
import { projectOntoBounds } from "../math/simplex.ts";
import type { Manifest, ManifestDomain } from "../schema/manifest.ts";
import { exactWeights } from "./exact-weights.ts";

/** Decimals of a document probability: enough that no domain of a realistic corpus rounds to zero. */
const probabilityDecimals = 12;

/** What another tokenizer makes of the domains. */
export interface Recount {
  readonly tokenizer: Omit<Manifest["tokenizer"], "bytesPerToken">;
  /** Tokens of each domain, in the manifest's order. */
  readonly tokens: readonly number[];
}

/** The manifest with the weights and the tokens of one phase. ConfigError if there is none of that name. */
export function mixtureOfPhase(manifest: Manifest, name: string): Manifest {
  const phase = manifest.phases.find((candidate) => candidate.name === name);
  if (phase === undefined) {
    const names = manifest.phases.map((candidate) => candidate.name).join(", ");
    throw new ConfigError(
      `the mixture has no phase '${name}'`,
      names === "" ? "it has no phases: leave --phase out" : `its phases: ${names}`,
    );
  }
  const targetTokens = Math.round((phase.toShare - phase.fromShare) * manifest.budget.targetTokens);
  const { proxyTokens, ...budget } = manifest.budget;
  return withWeights(
    {
      ...manifest,
      budget: { ...budget, targetTokens, proxyTokens: Math.min(proxyTokens, targetTokens) },
      phases: [],
    },
    phase.weights,
  );
}

/**
 * The same text in the tokens of another tokenizer: a domain's share changes with its tokens, w'_i ~ w_i t'_i / t_i, and
 * so do its epochs in a run of budget.targetTokens, now counted by that tokenizer. A domain that this takes over
 * maxEpochs is held there, and the others take its rest in proportion.
 *
 * @param decimals of the new weights
 * @returns a note too, where the domains with a weight cannot hold the run within their caps
 */
export function recountMixture(
  manifest: Manifest,
  { tokenizer, tokens }: Recount,
  decimals: number,
): { manifest: Manifest; notes: string[] } {
  const { budget } = manifest;
  const total = tokens.reduce((sum, count) => sum + count, 0);
  const domains = manifest.domains.map((domain, i) => ({
    ...domain,
    tokens: tokens[i]!,
    meanTokens: domain.documents === 0 ? 0 : tokens[i]! / domain.documents,
    naturalShare: tokens[i]! / total,
  }));
  const weights = manifest.domains.map(({ weight, tokens: before }, i) =>
    weight === 0 ? 0 : (weight * tokens[i]!) / before,
  );
  const caps = domains.map((domain, i) =>
    weights[i] === 0 ? 0 : Math.min(1, (domain.maxEpochs * domain.tokens) / budget.targetTokens),
  );
  const fits = caps.reduce((sum, cap) => sum + cap, 0) >= 1;
  const recounted = withWeights(
    {
      ...manifest,
      tokenizer: { ...tokenizer, bytesPerToken: bytesPerToken(domains) },
      domains,
      phases: [],
    },
    exactWeights(fits ? projectOntoBounds(weights, caps) : weights, decimals, fits ? caps : undefined),
  );
  const most = Math.max(...recounted.domains.map(({ epochs }) => epochs));
  const notes = fits
    ? []
    : [
        `counted by ${tokenizer.name}, the domains cannot fill ${budget.targetTokens} tokens within maxEpochs: up to ${most.toFixed(2)} epochs`,
      ];
  return { manifest: recounted, notes };
}

/** Other weights, and what follows from them. */
function withWeights(manifest: Manifest, weights: readonly number[]): Manifest {
  const probabilities = documentProbabilities(weights, manifest.domains);
  return {
    ...manifest,
    domains: manifest.domains.map((domain, i) => ({
      ...domain,
      weight: weights[i]!,
      documentProbability: probabilities[i]!,
      epochs: domain.tokens === 0 ? 0 : (weights[i]! * manifest.budget.targetTokens) / domain.tokens,
    })),
  };
}

export function bytesPerToken(domains: readonly Pick<ManifestDomain, "bytes" | "tokens">[]): number {
  const sum = (of: "bytes" | "tokens") => domains.reduce((total, domain) => total + domain[of], 0);
  return sum("tokens") === 0 ? 0 : sum("bytes") / sum("tokens");
}

/** p_i in proportion to w_i / meanTokens_i: drawing documents by p gives the token shares w. */
export function documentProbabilities(
  weights: readonly number[],
  domains: readonly Pick<ManifestDomain, "meanTokens">[],
): number[] {
  const perDocument = weights.map((weight, i) => (weight === 0 ? 0 : weight / domains[i]!.meanTokens));
  return exactWeights(perDocument, probabilityDecimals);
}
