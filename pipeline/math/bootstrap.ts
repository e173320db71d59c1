/**
 * Percentile bootstrap over documents (Efron & Tibshirani 1993, chapter 13). Mixtures are compared paired: one resample
 * takes the same documents for all of them, so what makes a document hard for every mixture cancels.
 */
import { objectiveOf } from "./objective.ts";
import type { Random } from "./random.ts";
import { quantile } from "./stats.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapTarget {
  /** Weight in the objective; the weights are normalised to sum 1. */
  readonly weight: number;
  /** One array per mixture: what each document loses, in bits, or 1 for a question answered wrongly. */
  readonly documentLosses: readonly ArrayLike<number>[];
  /** Of each document, the same for all mixtures: UTF-8 bytes, or 1 for a question. */
  readonly documentSizes: ArrayLike<number>;
}

export interface ObjectiveBootstrap {
  /** Of each mixture on all documents, over the targets. */
  readonly objective: number[];
  /** 95 % interval of each. */
  readonly intervals: Interval[];
  /** Objective of each mixture minus that of mixture `reference`, with the paired 95 % interval. */
  readonly differencesTo: (reference: number) => (Interval & { readonly difference: number })[];
}

/** `count` indices in [0, count), drawn with replacement. */
export function resampleIndices(count: number, random: Random): Uint32Array {
  return Uint32Array.from({ length: count }, () => random.below(count));
}

/** The central `confidence` share of the samples. */
export function percentileInterval(samples: ArrayLike<number>, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2;
  return { low: quantile(samples, tail), high: quantile(samples, 1 - tail) };
}

/**
 * sum(numerators) / sum(denominators) with its 95 % interval, items resampled together.
 *
 * @throws RangeError for no items, unequal lengths or a denominator that is not positive
 */
export function ratioBootstrap(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  resamples: number,
  random: Random,
): Interval & { readonly ratio: number } {
  requireRatios([numerators], denominators);
  const [samples] = resampledRatios([numerators], denominators, resamples, random);
  return { ratio: sum(numerators) / sum(denominators), ...percentileInterval(samples!) };
}

/**
 * The objective, of total loss / total size by target, of several mixtures over the same documents. Each target's documents are
 * resampled on their own.
 *
 * @param natural the mixture that the worst target is measured against, where it counts instead of the mean
 * @throws RangeError for no targets, unequal lengths, a document without size or weights that sum to 0
 */
export function bootstrapObjective(
  targets: readonly BootstrapTarget[],
  resamples: number,
  random: Random,
  natural?: number,
): ObjectiveBootstrap {
  const totalWeight = targets.reduce((total, target) => total + target.weight, 0);
  if (!(totalWeight > 0)) throw new RangeError(`sum of target weights=${totalWeight} should be > 0`);
  const mixtures = targets[0]!.documentLosses.length;
  /** By target and mixture: on all documents, and by resample. */
  const losses = targets.map(({ documentLosses, documentSizes }, index) => {
    if (documentLosses.length !== mixtures) {
      throw new RangeError(
        `targets[${index}].documentLosses.length=${documentLosses.length} should equal ${mixtures}`,
      );
    }
    requireRatios(documentLosses, documentSizes);
    const size = sum(documentSizes);
    return {
      whole: documentLosses.map((losses) => sum(losses) / size),
      samples: resampledRatios(documentLosses, documentSizes, resamples, random.fork(`target/${index}`)),
    };
  });
  const weights = targets.map(({ weight }) => weight);
  /** @param lossAt of a target and a mixture */
  const combine = (lossAt: (target: number, mixture: number) => number, mixture: number) => {
    const of = (index: number) => weights.map((_, target) => lossAt(target, index));
    return objectiveOf({ weights, ...(natural !== undefined && { reference: of(natural) }) }, of(mixture));
  };
  const objective = Array.from({ length: mixtures }, (_, mixture) =>
    combine((target, index) => losses[target]!.whole[index]!, mixture),
  );
  const samples = objective.map((_, mixture) =>
    Float64Array.from({ length: resamples }, (_, b) =>
      combine((target, index) => losses[target]!.samples[index]![b]!, mixture),
    ),
  );

  return {
    objective,
    intervals: samples.map((values) => percentileInterval(values)),
    differencesTo: (reference) =>
      samples.map((values, mixture) => ({
        difference: objective[mixture]! - objective[reference]!,
        ...percentileInterval(values.map((value, b) => value - samples[reference]![b]!)),
      })),
  };
}

/** One row per numerator, one column per resample; all rows of a column are of the same drawn items. */
function resampledRatios(
  numerators: readonly ArrayLike<number>[],
  denominators: ArrayLike<number>,
  resamples: number,
  random: Random,
): Float64Array[] {
  const ratios = numerators.map(() => new Float64Array(resamples));
  for (let b = 0; b < resamples; b++) {
    const drawn = resampleIndices(denominators.length, random);
    const total = sumAt(denominators, drawn);
    for (const [row, values] of numerators.entries()) ratios[row]![b] = sumAt(values, drawn) / total;
  }
  return ratios;
}

function requireRatios(numerators: readonly ArrayLike<number>[], denominators: ArrayLike<number>): void {
  if (denominators.length === 0) throw new RangeError("denominators.length=0 should be >= 1");
  for (let i = 0; i < denominators.length; i++) {
    if (!(denominators[i]! > 0)) throw new RangeError(`denominators[${i}]=${denominators[i]} should be > 0`);
  }
  for (const { length } of numerators) {
    if (length !== denominators.length) {
      throw new RangeError(
        `numerators.length=${length} should equal denominators.length=${denominators.length}`,
      );
    }
  }
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function sumAt(values: ArrayLike<number>, indices: Uint32Array): number {
  let total = 0;
  for (const index of indices) total += values[index]!;
  return total;
}
