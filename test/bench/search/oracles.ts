/** What a search is tried on: runs that exist, and functions fitted to all of them. */
import { sampleDirichlet } from "../../../pipeline/math/dirichlet.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { normalise } from "../../../pipeline/math/simplex.ts";
import { mean, populationDeviation } from "../../../pipeline/math/stats.ts";
import { allowMixtures } from "../../../pipeline/mixture/allowed.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import { limitsFromCaps } from "../../../pipeline/mixture/limits.ts";
import { createSampler } from "../../../pipeline/mixture/sampler.ts";
import { squareRoot, standardiseFeatures } from "../../../pipeline/predictor/features.ts";
import { gbdt } from "../../../pipeline/predictor/gbdt.ts";
import { fitSettings } from "../../../pipeline/predictor/gp.ts";
import { gpPosterior } from "../../../pipeline/predictor/gp-posterior.ts";
import { logLinear } from "../../../pipeline/predictor/log-linear.ts";
import { SamplerConfig } from "../../../pipeline/schema/search-config.ts";
import { perturb } from "../../../pipeline/search/candidates.ts";
import type { Mixture, SearchSpace } from "../../../pipeline/search/proposer.ts";
import type { RegmixRuns } from "../../unit/predictor/regmix-runs.ts";

export interface Oracle {
  readonly name: string;
  readonly space: SearchSpace;
  /** The recipe's later pools: Dirichlet(prior), whose parameters sum to 1. */
  readonly samplePool: (random: Random) => Mixture;
  /** One loss a target, as one proxy would measure them. */
  measure(mixture: Mixture, random: Random): number[];
  /** Mean of the losses without noise. */
  truth(mixture: ArrayLike<number>): number;
  /** Lowest truth known. */
  readonly optimum: number;
}

/** The published runs as a pool: a trial is a look at one of them. */
export function poolOracle(name: string, runs: RegmixRuns, losses: readonly number[]): Oracle {
  const pool = Array.from({ length: runs.rows }, (_, row) => rowOf(runs, row));
  const rowByKey = new Map(pool.map((mixture, row) => [mixtureKey(mixture), row]));
  const look = (mixture: ArrayLike<number>) =>
    losses.map((loss) => runs.losses[loss]![rowByKey.get(mixtureKey(mixture))!]!);
  const truth = (mixture: ArrayLike<number>) => mean(look(mixture));
  return {
    ...spaceOf(runs, pool),
    name,
    measure: (mixture) => look(mixture),
    truth,
    optimum: pool.reduce((least, mixture) => Math.min(least, truth(mixture)), Infinity),
  };
}

/** A Gaussian process through all runs; its settings are those most probable for a third of them. */
export function smoothOracle(name: string, runs: RegmixRuns, losses: readonly number[]): Oracle {
  const some = new Random("oracle/smooth").sampleWithoutReplacement(runs.rows, Math.min(runs.rows, 256));
  const models = losses.map((loss) => {
    const features = standardiseFeatures(squareRoot, runs.weights, runs.rows, runs.domains);
    const { centre, unit, standard } = standardise(runs.losses[loss]!);
    const subset = {
      x: Float64Array.from(
        some.flatMap((row) => [...features.x.subarray(row * runs.domains, (row + 1) * runs.domains)]),
      ),
      rows: some.length,
      domains: runs.domains,
      targets: Float64Array.from(some, (row) => standard[row]!),
    };
    const all = { x: features.x, rows: runs.rows, domains: runs.domains, targets: standard };
    const posterior = gpPosterior(all, fitSettings(subset).x);
    return (mixture: ArrayLike<number>) => centre + unit * posterior.mean(features.map(mixture))[0]!;
  });
  return functionOracle(name, runs, models, 0);
}

/** Boosted trees fitted to all runs: steps instead of slopes. */
export function treeOracle(name: string, runs: RegmixRuns, losses: readonly number[]): Oracle {
  const fit = gbdt({ leaves: 31, depth: 6, maxTrees: 600, learningRate: 0.05, minRowsPerLeaf: 3 });
  const models = losses.map((loss) => {
    const model = fit({ ...runs, targets: runs.losses[loss]!, random: new Random("oracle/tree") });
    return (mixture: ArrayLike<number>) => model.predict(mixture);
  });
  return functionOracle(name, runs, models, 0);
}

/** Mixing laws c + k exp(t . w) fitted to all runs; every measurement of a loss is off by noise. */
export function lawOracle(name: string, runs: RegmixRuns, losses: readonly number[], noise: number): Oracle {
  const models = losses.map((loss) => {
    const model = logLinear()({ ...runs, targets: runs.losses[loss]!, random: new Random("oracle/law") });
    return (mixture: ArrayLike<number>) => model.predict(mixture);
  });
  const deviations = losses.map((loss) => noise * populationDeviation(runs.losses[loss]!));
  return functionOracle(name, runs, models, deviations);
}

function functionOracle(
  name: string,
  runs: RegmixRuns,
  models: readonly ((mixture: ArrayLike<number>) => number)[],
  deviations: 0 | readonly number[],
): Oracle {
  const look = (mixture: ArrayLike<number>) => models.map((model) => model(mixture));
  const truth = (mixture: ArrayLike<number>) => mean(look(mixture));
  const space = spaceOf(runs);
  return {
    ...space,
    name,
    measure: (mixture, random) =>
      look(mixture).map((loss, i) => (deviations === 0 ? loss : loss + deviations[i]! * random.normal())),
    truth,
    optimum: climbDown(truth, runs, space.space),
  };
}

/** The lowest value that many draws around the best of the runs and of one another reach. */
function climbDown(truth: (mixture: Mixture) => number, runs: RegmixRuns, space: SearchSpace): number {
  const random = new Random("oracle/optimum");
  const starts = [
    ...Array.from({ length: runs.rows }, (_, row) => rowOf(runs, row)),
    ...Array.from({ length: 2000 }, () => space.sample(random)),
  ]
    .map((mixture) => ({ mixture, value: truth(mixture) }))
    .sort((left, right) => left.value - right.value);
  let population = starts.slice(0, 20);
  for (let generation = 0; generation < 60; generation++) {
    const children = population.flatMap(({ mixture }) =>
      Array.from({ length: 10 }, () => {
        const child = space.repair(perturb(mixture, space.natural, random))!;
        return { mixture: child, value: truth(child) };
      }),
    );
    population = [...population, ...children].sort((left, right) => left.value - right.value).slice(0, 20);
  }
  return population[0]!.value;
}

/** No caps; natural is the mean of the published mixtures. */
function spaceOf(runs: RegmixRuns, pool?: readonly Mixture[]): Pick<Oracle, "space" | "samplePool"> {
  const natural = new Float64Array(runs.domains);
  runs.weights.forEach((weight, i) => (natural[i % runs.domains]! += weight / runs.rows));
  const prior = normalise(natural);
  const sampler = SamplerConfig.parse({ temperature: 1 });
  const allowed = allowMixtures(
    limitsFromCaps(prior, new Float64Array(runs.domains).fill(1), sampler.minWeight),
  );
  return {
    space: {
      domains: runs.domains,
      natural: allowed.natural,
      sample: createSampler({ prior, allowed, sampler }),
      repair: allowed.repair,
      ...(pool !== undefined && { pool }),
    },
    samplePool: (random) => sampleDirichlet(prior, random),
  };
}

function rowOf({ weights, domains }: RegmixRuns, row: number): Float64Array {
  return weights.slice(row * domains, (row + 1) * domains);
}

function standardise(values: Float64Array) {
  const centre = mean(values);
  const unit = populationDeviation(values);
  return { centre, unit, standard: values.map((value) => (value - centre) / unit) };
}
