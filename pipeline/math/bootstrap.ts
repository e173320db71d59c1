/**
 * Percentile bootstrap over documents (Efron & Tibshirani 1993, chapter 13). Mixtures are compared paired: one resample
 * takes the same documents for all of them, so what makes a document hard for every mixture cancels.
 */
import type { Random } from "./random.ts";
import { quantile } from "./stats.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapTarget {
  /** Weight in the objective; the weights are normalised to sum 1. */
  readonly weight: number;
  /** One array per mixture: negative log-likelihood of each document in nats. */
  readonly documentNats: readonly ArrayLike<number>[];
  /** UTF-8 bytes of each document, the same for all mixtures. */
  readonly documentBytes: ArrayLike<number>;
}

export interface ObjectiveBootstrap {
  /** Bits per byte of each mixture on all documents, over the targets. */
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
 * The objective (weighted mean over targets of total bits / total bytes) of several mixtures over the same documents.
 * Each target's documents are resampled on their own.
 *
 * @throws RangeError for no targets, unequal lengths, a document without bytes or weights that sum to 0
 */
export function bootstrapObjective(
  targets: readonly BootstrapTarget[],
  resamples: number,
  random: Random,
): ObjectiveBootstrap {
  const totalWeight = targets.reduce((total, target) => total + target.weight, 0);
  if (!(totalWeight > 0)) throw new RangeError(`sum of target weights=${totalWeight} should be > 0`);
  const mixtures = targets[0]!.documentNats.length;
  const objective = Array.from({ length: mixtures }, () => 0);
  const samples = objective.map(() => new Float64Array(resamples));

  for (const [index, { weight, documentNats, documentBytes }] of targets.entries()) {
    if (documentNats.length !== mixtures) {
      throw new RangeError(
        `targets[${index}].documentNats.length=${documentNats.length} should equal ${mixtures}`,
      );
    }
    requireRatios(documentNats, documentBytes);
    const bits = weight / totalWeight / Math.LN2;
    const ratios = resampledRatios(documentNats, documentBytes, resamples, random.fork(`target/${index}`));
    for (let mixture = 0; mixture < mixtures; mixture++) {
      objective[mixture]! += (bits * sum(documentNats[mixture]!)) / sum(documentBytes);
      for (let b = 0; b < resamples; b++) samples[mixture]![b]! += bits * ratios[mixture]![b]!;
    }
  }

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
