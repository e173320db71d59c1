import type { Random } from "../math/random.ts";
import { type Interval, percentileInterval } from "../math/bootstrap.ts";
import { kolmogorovSmirnov, stabilityIndex, totalVariation } from "../math/share-shift.ts";
import { mean, quantile } from "../math/stats.ts";
import type { Drift, ShareShift } from "../schema/assignment.ts";
import type { Tally } from "../schema/cluster-model.ts";
import { shareBeyond } from "./distance-bins.ts";

/** Where the documents of a model's training corpus and of another one lie: the same parts, in the same order. */
export interface DriftInput {
  readonly training: readonly Tally[];
  readonly corpus: readonly Tally[];
  readonly distances: {
    /** Documents of each side by {@link countByQuantile}. */
    readonly trainingBins: ArrayLike<number>;
    readonly bins: ArrayLike<number>;
    readonly trainingMean: number;
    readonly mean: number;
  };
}

const resamples = 1000;

/** Sum and sum of squares of what one side's documents hold in each part. */
interface Amounts {
  readonly sums: readonly number[];
  readonly squares: readonly number[];
  readonly documents: number;
}

/**
 * Has the new corpus other topics, or the same topics in other words, than the model's training corpus?
 *
 * The verdict goes by token shares. "within noise": their total variation is one that two samples of these sizes from
 * one source would show in 95 % of the cases. Else by the population stability index and the bounds credit scoring
 * uses: below 0.1 slight, below 0.25 moderate.
 *
 * Documents are resampled as independent ones: the chunks of one book are not, and make the noise larger than stated.
 */
export function judgeDrift({ training, corpus, distances }: DriftInput, random: Random): Drift {
  const tokens = shift(tokensOf(training), tokensOf(corpus), random.fork("tokens"));
  const documents = shift(documentsOf(training), documentsOf(corpus), random.fork("documents"));
  const { bins, trainingBins } = distances;
  const distance: Drift["distance"] = {
    trainingMean: distances.trainingMean,
    mean: distances.mean,
    ks: kolmogorovSmirnov(trainingBins, bins),
    beyondMedian: shareBeyond(bins, 0.5),
    beyond90: shareBeyond(bins, 0.9),
    beyond99: shareBeyond(bins, 0.99),
  };
  const verdict = verdictOf(tokens);
  return { verdict, text: sentence(verdict, tokens, distance), tokens, documents, distance };
}

function verdictOf({ totalVariation, noise95, stabilityIndex }: ShareShift): Drift["verdict"] {
  if (totalVariation <= noise95) return "within noise";
  if (stabilityIndex < 0.1) return "slight";
  return stabilityIndex < 0.25 ? "moderate" : "large";
}

function sentence(verdict: Drift["verdict"], shares: ShareShift, distance: Drift["distance"]): string {
  const moved =
    `${percent(shares.totalVariation)} of the tokens lie in other parts than in training ` +
    `(${percent(shares.totalVariationInterval.low)} to ${percent(shares.totalVariationInterval.high)}; ` +
    `chance alone makes up to ${percent(shares.noise95)}), stability index ${shares.stabilityIndex.toFixed(3)}`;
  const far = `${percent(distance.beyond99)} of the documents are farther from their centroid than 99 % of the training documents`;
  const advice: Record<Drift["verdict"], string> = {
    "within noise": "No drift beyond noise",
    slight: "Slight drift: the domains still describe this corpus",
    moderate: "Moderate drift: consider climb recluster",
    large: "Large drift: the domains do not describe this corpus; use climb recluster",
  };
  return `${advice[verdict]}. ${moved}; ${far}.`;
}

/** Distance between the shares of both sides, with intervals, and what chance alone would make of it. */
function shift(training: Amounts, corpus: Amounts, random: Random): ShareShift {
  const floor = 0.5 / Math.min(training.documents, corpus.documents);
  const old = shares(training.sums);
  const now = shares(corpus.sums);
  const bootstrap = random.fork("bootstrap");
  const variations: number[] = [];
  const indices: number[] = [];
  for (let b = 0; b < resamples; b++) {
    const p = resampledShares(training, bootstrap);
    const q = resampledShares(corpus, bootstrap);
    variations.push(totalVariation(p, q));
    indices.push(stabilityIndex(p, q, floor));
  }
  const noise = random.fork("noise");
  const [oneSource, other] = pooled(training, corpus);
  const byChance = Array.from({ length: resamples }, () =>
    totalVariation(resampledShares(oneSource, noise), resampledShares(other, noise)),
  );
  const variation = totalVariation(old, now);
  const index = stabilityIndex(old, now, floor);
  return {
    totalVariation: variation,
    totalVariationInterval: basicInterval(variation, variations),
    noise95: quantile(byChance, 0.95),
    stabilityIndex: index,
    stabilityIndexInterval: basicInterval(index, indices),
  };
}

/**
 * The basic bootstrap interval (Davison & Hinkley 1997, section 5.2), never below 0: a distance of noisy shares is too
 * large, that of resampled ones by about as much again, and reflection takes this off.
 */
function basicInterval(value: number, samples: readonly number[]): Interval {
  const { low, high } = percentileInterval(samples);
  return { low: Math.max(0, 2 * value - high), high: Math.max(0, 2 * value - low) };
}

/**
 * The Poisson bootstrap over documents (each counts Poisson(1) times) in its normal limit: a part's sum has mean S and
 * variance sum of squares. Needs no document, so a corpus of any size costs the same.
 */
function resampledShares({ sums, squares }: Amounts, random: Random): number[] {
  const drawn = sums.map((sum, i) => Math.max(0, sum + Math.sqrt(squares[i]!) * random.normal()));
  return drawn.some((sum) => sum > 0) ? shares(drawn) : shares(sums);
}

/** Both sides as samples, of their own sizes, of one source: the two together. */
function pooled(left: Amounts, right: Amounts): [Amounts, Amounts] {
  const sums = left.sums.map((sum, i) => sum + right.sums[i]!);
  const squares = left.squares.map((square, i) => square + right.squares[i]!);
  const total = add(sums);
  const scaled = (side: Amounts): Amounts => {
    const factor = add(side.sums) / total;
    return {
      sums: sums.map((sum) => sum * factor),
      squares: squares.map((square) => square * factor),
      documents: side.documents,
    };
  };
  return [scaled(left), scaled(right)];
}

function tokensOf(tallies: readonly Tally[]): Amounts {
  return {
    sums: tallies.map(({ tokens }) => tokens),
    squares: tallies.map(({ squaredTokens }) => squaredTokens),
    documents: add(tallies.map(({ documents }) => documents)),
  };
}

function documentsOf(tallies: readonly Tally[]): Amounts {
  const documents = tallies.map((tally) => tally.documents);
  return { sums: documents, squares: documents, documents: add(documents) };
}

function shares(sums: readonly number[]): number[] {
  const total = add(sums);
  return sums.map((sum) => sum / total);
}

function add(values: readonly number[]): number {
  return values.length === 0 ? 0 : mean(values) * values.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
