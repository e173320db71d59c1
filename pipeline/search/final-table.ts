/** The table the run ends with: every named mixture on the confirm text, paired with natural. */
import { bootstrapObjective, type ObjectiveBootstrap } from "../math/bootstrap.ts";
import { holm } from "../math/holm.ts";
import { deviations95, normalCdf } from "../math/normal.ts";
import type { Random } from "../math/random.ts";
import { mean } from "../math/stats.ts";
import type { SearchConfig } from "../schema/search-config.ts";
import type { FinalMixture, TargetLoss, Trial } from "../schema/search.ts";
import { scoreLosses } from "./score.ts";
import { lossOver } from "./target-items.ts";

export interface Finalist {
  readonly name: FinalMixture["name"];
  /** Its trial on the text the search saw. */
  readonly select: Trial;
}

/**
 * One proxy's losses on the confirm text, group by group: near duplicates are one observation, not several, so what is
 * resampled are groups of them. Most groups are a single document.
 */
export interface ConfirmMeasurement {
  /** In the order of the targets: bits, or questions answered wrongly. */
  readonly groupLosses: readonly (readonly number[])[];
  /** Of targets measured by accuracy, by name: the right answers' bits per byte. */
  readonly bitsPerByte?: Readonly<Record<string, number>>;
}

type ObjectiveKind = SearchConfig["objective"];

/** The confirm text that the measurements are about. */
export interface ConfirmTarget {
  readonly name: string;
  readonly weight: number;
  /** Bytes, or questions. */
  readonly groupSizes: readonly number[];
}

export interface Difference {
  readonly difference: number;
  readonly interval: { readonly low: number; readonly high: number };
}

export interface FinalTable {
  readonly rows: FinalMixture[];
  /** Objective of each finalist under each seed. */
  readonly perSeed: readonly (readonly number[])[];
  /** Groups of confirm text of the target that has fewest. */
  readonly fewestGroups: number;
  /** Paired difference of two rows, first minus second. */
  difference(minuend: FinalMixture["name"], subtrahend: FinalMixture["name"]): Difference;
}

/**
 * Every finalist's objective on the confirm text. Two things could have come out otherwise: the target's text,
 * groups of which are resampled, and the seeds, which decide what documents a share of a domain consists of. Intervals of
 * differences hold both: the half-width from resampling text and Student's from the seeds, added in squares.
 *
 * @param measured one row per seed, one measurement per finalist
 * @throws RangeError for a difference to a mixture that is not among the finalists
 */
export function finalTable(
  finalists: readonly Finalist[],
  targets: readonly ConfirmTarget[],
  measured: readonly (readonly ConfirmMeasurement[])[],
  resamples: number,
  random: Random,
  kind: ObjectiveKind = "mean",
): FinalTable {
  const resampled = targets.map(({ weight, groupSizes }, target) => ({
    weight,
    documentLosses: finalists.map((_, finalist) =>
      meanOverSeeds(measured.map((seed) => seed[finalist]!.groupLosses[target]!)),
    ),
    documentSizes: groupSizes,
  }));
  const indexOf = (name: FinalMixture["name"]) => {
    const index = finalists.findIndex((finalist) => finalist.name === name);
    if (index < 0) throw new RangeError(`finalists should hold ${name}`);
    return index;
  };
  const natural = indexOf("natural");
  const bootstrap = bootstrapObjective(resampled, resamples, random, kind === "worst" ? natural : undefined);
  const perSeed = finalists.map((_, finalist) =>
    measured.map((seed) =>
      confirmObjective(targets, seed[finalist]!, kind === "worst" ? seed[natural]! : undefined),
    ),
  );
  // Target by target too: a mean can hide that one of them pays for the others.
  const byTarget = targets.map((target, i) => ({
    bootstrap: bootstrapObjective([{ ...resampled[i]!, weight: 1 }], resamples, random.fork(target.name)),
    perSeed: finalists.map((_, finalist) =>
      measured.map((seed) => lossOver(seed[finalist]!.groupLosses[i]!, target.groupSizes)),
    ),
  }));
  const whole = { bootstrap, perSeed };
  const toNatural = subtract(whole, natural);
  const targetsToNatural = byTarget.map((target) => subtract(target, natural));
  const pValues = toNatural.map(pValue);
  const others = finalists.flatMap(({ name }, i) => (name === "natural" || name === "found" ? [] : [i]));
  const adjusted = holm(others.map((i) => pValues[i]!));
  const rows = finalists.map(({ name, select }, finalist): FinalMixture => {
    const { difference, interval } = toNatural[finalist]!;
    return {
      name,
      weights: select.weights,
      selectObjective: select.objective,
      confirmObjective: bootstrap.objective[finalist]!,
      seedDeviation: sampleDeviation(perSeed[finalist]!),
      confirmInterval: bootstrap.intervals[finalist]!,
      confirmLosses: meanLosses(measured.map((seed) => measuredLosses(targets, seed[finalist]!))),
      differenceToNatural: difference,
      differenceInterval: interval,
      pValue: finalist === natural ? null : pValues[finalist]!,
      adjustedPValue: adjusted[others.indexOf(finalist)] ?? null,
      targetDifferences: targets.map(({ name: target }, i) => ({
        target,
        ...targetsToNatural[i]![finalist]!,
      })),
      drawnTokens: select.drawnTokens,
      epochs: select.epochs,
    };
  });
  const fewestGroups = Math.min(...targets.map(({ groupSizes }) => groupSizes.length));
  return {
    rows,
    perSeed,
    fewestGroups,
    difference: (minuend, subtrahend) => subtract(whole, indexOf(subtrahend))[indexOf(minuend)]!,
  };
}

/** What was measured of the finalists on some of the text, and what it would have been on other text. */
interface Resampled {
  readonly bootstrap: ObjectiveBootstrap;
  /** By finalist, then by seed. */
  readonly perSeed: readonly (readonly number[])[];
}

/** Every finalist minus one of them. */
function subtract({ bootstrap, perSeed }: Resampled, subtrahend: number): Difference[] {
  return bootstrap.differencesTo(subtrahend).map(({ difference, low, high }, minuend) => {
    const seeds = meanHalfWidth(perSeed[minuend]!.map((value, seed) => value - perSeed[subtrahend]![seed]!));
    return {
      difference,
      interval: {
        low: difference - Math.hypot(difference - low, seeds),
        high: difference + Math.hypot(high - difference, seeds),
      },
    };
  });
}

/** Two-sided, taking the 95 % interval for that of a normal distribution. */
function pValue({ difference, interval }: Difference): number {
  const deviation = standardError(interval);
  if (deviation === 0) return difference === 0 ? 1 : 0;
  return 2 * normalCdf(-Math.abs(difference) / deviation);
}

/** Of a 95 % interval. */
export function standardError({ low, high }: Difference["interval"]): number {
  return (high - low) / (2 * deviations95);
}

/** Student's 97.5 % quantile for 1, 2, ... degrees of freedom; beyond the table the normal's is near enough. */
const studentQuantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** Half-width of the 95 % interval of the mean; 0 for a single value, of which nothing can be said. */
function meanHalfWidth(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const quantile = studentQuantiles[values.length - 2] ?? 1.96;
  return (quantile * sampleDeviation(values)) / Math.sqrt(values.length);
}

function meanOverSeeds(seeds: readonly (readonly number[])[]): Float64Array {
  const mean = new Float64Array(seeds[0]!.length);
  for (const losses of seeds) losses.forEach((value, group) => (mean[group]! += value / seeds.length));
  return mean;
}

function meanLosses(seeds: readonly (readonly TargetLoss[])[]): TargetLoss[] {
  return seeds[0]!.map(({ target, bitsPerByte }, t) => ({
    target,
    loss: mean(seeds.map((losses) => losses[t]!.loss)),
    ...(bitsPerByte !== undefined && { bitsPerByte: mean(seeds.map((losses) => losses[t]!.bitsPerByte!)) }),
  }));
}

/** What one measurement says of each target. */
export function measuredLosses(
  targets: readonly ConfirmTarget[],
  { groupLosses, bitsPerByte }: ConfirmMeasurement,
): TargetLoss[] {
  return targets.map(({ name: target, groupSizes }, t) => {
    const bits = bitsPerByte?.[target];
    return {
      target,
      loss: lossOver(groupLosses[t]!, groupSizes),
      ...(bits !== undefined && { bitsPerByte: bits }),
    };
  });
}

/** The objective of one measurement. @param natural measured under the same seed, where the worst target counts */
export function confirmObjective(
  targets: readonly ConfirmTarget[],
  measurement: ConfirmMeasurement,
  natural?: ConfirmMeasurement,
): number {
  const reference = natural && measuredLosses(targets, natural);
  return scoreLosses(measuredLosses(targets, measurement), targets, reference);
}

function sampleDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
