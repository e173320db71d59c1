import { Manifest } from "../schema/manifest.ts";
import { checkPhases } from "./check-phases.ts";
import { sumsToExactlyOne } from "./exact-weights.ts";
import { bytesPerToken } from "./mixture-views.ts";

/** Relative difference allowed between a field and what it follows from. */
const tolerance = 1e-9;

/** What is wrong with the parsed text of a mixture.json, one sentence each; empty when all is well. */
export function checkManifest(json: unknown): string[] {
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.join(".") || "manifest"}: ${message}`);
  }
  const manifest = parsed.data;
  return [
    ...checkWeights(manifest),
    ...checkDomains(manifest),
    ...checkPhases(manifest),
    ...checkBaselines(manifest),
  ];
}

function checkWeights({ domains }: Manifest): string[] {
  const problems: string[] = [];
  const weights = domains.map(({ weight }) => weight);
  if (!sumsToExactlyOne(weights))
    problems.push(`domains: the weights sum to ${sum(weights)}, not to exactly 1`);
  const shares = sum(domains.map(({ naturalShare }) => naturalShare));
  if (Math.abs(shares - 1) > 1e-6) problems.push(`domains: the natural shares sum to ${shares}, not to 1`);
  const documents = domains.map(({ weight, meanTokens }) => (weight > 0 ? weight / meanTokens : 0));
  const total = sum(documents);
  for (const [i, { id, documentProbability }] of domains.entries()) {
    const expected = documents[i]! / total;
    if (!(Math.abs(documentProbability - expected) <= tolerance)) {
      problems.push(`${id}: documentProbability=${documentProbability} should be ${expected}`);
    }
  }
  return problems;
}

function checkDomains({ domains, budget, tokenizer }: Manifest): string[] {
  const problems: string[] = [];
  const perToken = bytesPerToken(domains);
  if (!near(tokenizer.bytesPerToken, perToken)) {
    problems.push(`tokenizer: bytesPerToken=${tokenizer.bytesPerToken} should be ${perToken}`);
  }
  const step = smallestStep(domains.map(({ weight }) => weight));
  const seen = new Set<string>();
  for (const { id, weight, tokens, documents, meanTokens, epochs, maxEpochs, sources } of domains) {
    if (seen.has(id)) problems.push(`${id}: two domains have this id`);
    seen.add(id);
    if (weight < 0 || weight > 1) problems.push(`${id}: weight=${weight} should be from 0 to 1`);
    if (weight > 0 && tokens === 0) problems.push(`${id}: weight=${weight} but the domain holds no tokens`);
    if (!near(meanTokens * documents, tokens)) {
      problems.push(
        `${id}: meanTokens=${meanTokens} times documents=${documents} should be tokens=${tokens}`,
      );
    }
    if (tokens === 0) continue;
    const ofSources = sum(Object.values(sources ?? { all: 1 }));
    if (!near(ofSources, 1)) problems.push(`${id}: the sources' shares sum to ${ofSources}, not to 1`);
    const expected = (weight * budget.targetTokens) / tokens;
    if (!near(epochs, expected)) problems.push(`${id}: epochs=${epochs} should be ${expected}`);
    // Where every domain is at its cap, rounding has to lift one over it by a unit.
    const slack = (step * budget.targetTokens) / tokens;
    if (epochs > maxEpochs + slack)
      problems.push(`${id}: epochs=${epochs} should be <= maxEpochs=${maxEpochs}`);
  }
  return problems;
}

function checkBaselines({ domains, baselines, verdict }: Manifest): string[] {
  const problems: string[] = [];
  for (const name of ["found", "natural", "uniform"]) {
    if (!(name in baselines)) problems.push(`baselines: ${name} is missing`);
  }
  for (const [name, { weights, predicted }] of Object.entries(baselines)) {
    if (weights.length !== domains.length) {
      problems.push(`baselines.${name}: ${weights.length} weights for ${domains.length} domains`);
    }
    const { objective = 0, interval } = predicted ?? {};
    if (interval && !(interval.low <= objective && objective <= interval.high)) {
      problems.push(`baselines.${name}: predicted=${objective} lies outside its interval`);
    }
  }
  const { claim, interval } = verdict;
  const supported = interval.high < 0 ? "gain" : interval.low > 0 ? "loss" : "no gain beyond noise";
  // Two claims need more than this interval: text enough, and guards kept.
  const needsMore = claim === "too little confirm text" || claim === "guard not kept";
  if (!needsMore && claim !== supported) {
    problems.push(
      `verdict: the interval ${interval.low} to ${interval.high} says ${supported}, not ${claim}`,
    );
  }
  return problems;
}

/** 10^-d for the fewest decimals d that hold every weight. */
function smallestStep(weights: readonly number[]): number {
  for (let decimals = 0; decimals < 15; decimals++) {
    if (weights.every((weight) => Number(weight.toFixed(decimals)) === weight)) return 10 ** -decimals;
  }
  return 1e-15;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) <= tolerance * Math.max(1, Math.abs(right));
}
