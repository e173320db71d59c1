/** Proxy runs that were made elsewhere: mixtures, and what was measured of the models trained on them. */

/** Part of every measure, because accuracies sorted as if they were losses select the worst mixtures. */
export type Better = "lower" | "higher";

export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
}

export interface ProxyRun {
  /** The key that joined mixture and measurements. */
  readonly id: string;
  /** In the order of the domains; sums to 1. */
  readonly weights: readonly number[];
  /** In the order of the measures, in their units. */
  readonly values: readonly number[];
}

export interface ProxyRuns {
  readonly format: RunsFormat;
  readonly domains: readonly string[];
  /** At least one; all have the same unit and direction. */
  readonly measures: readonly Measure[];
  readonly runs: readonly ProxyRun[];
  /** Runs their maker set aside for testing; often none. */
  readonly heldOut: readonly ProxyRun[];
  /** What was read, relative to the folder. */
  readonly files: readonly string[];
  /** What a reader should know: rows renormalised, tasks left out. */
  readonly notes: readonly string[];
}

export type RunsFormat = "regmix" | "olmix" | "nvidia-recipe";

export interface ImportOptions {
  /** Measures to take, by name; all of them if left out. */
  readonly targets?: readonly string[];
  /** What olmix's metrics.csv does not say; lower if left out. The other formats know. */
  readonly better?: Better;
}
