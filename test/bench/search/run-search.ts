/** One search of an oracle under one seed. */
import { Random } from "../../../pipeline/math/random.ts";
import { mean } from "../../../pipeline/math/stats.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import type { FittedObjective } from "../../../pipeline/predictor/choose.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import { peerPredictors, predictors } from "../../../pipeline/predictor/registry.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import type { Trial } from "../../../pipeline/schema/search.ts";
import { climbSearch } from "../../../pipeline/search/climb-search.ts";
import { createProposer } from "../../../pipeline/search/create-proposer.ts";
import type { Oracle } from "./oracles.ts";

export interface Method {
  readonly name: string;
  readonly search: Readonly<Record<string, unknown>>;
  readonly predictor: string;
  /** Draws later pools as the recipe does. */
  readonly recipePool?: boolean;
}

export interface Trace {
  /** After each run: the lowest truth among the mixtures measured so far, minus the optimum. */
  readonly regret: number[];
  /** Of the mixture that the method would train on after its last run. */
  readonly recommended: number;
}

/** The method's loop as the search stage runs it, but that one predictor is fitted, without cross-validation. */
export async function runSearch(oracle: Oracle, method: Method, seed: string): Promise<Trace> {
  const config = SearchConfig.parse(method.search);
  const random = new Random(seed);
  const noise = random.fork("noise");
  const truths: number[] = [];
  let best = Infinity;
  const outcome = await climbSearch(
    config,
    {
      space: oracle.space,
      proposer: createProposer(config, method.recipePool === true ? oracle.samplePool : undefined),
      given: [],
      targets: [],
      guards: [],
      evaluate: async (candidates) =>
        candidates.map((mixture): Trial => {
          best = Math.min(best, oracle.truth(mixture));
          truths.push(best - oracle.optimum);
          const losses = oracle.measure(mixture, noise);
          return {
            key: mixtureKey(mixture),
            weights: [...mixture],
            losses: losses.map((loss, target) => ({ target: String(target), loss })),
            objective: mean(losses),
            drawnTokens: [],
            epochs: [],
          };
        }),
      fit: (trials, fitRandom) => fitOne(method.predictor, trials, fitRandom),
    },
    random,
  );
  return { regret: truths, recommended: oracle.truth(outcome.predictedBest) - oracle.optimum };
}

function fitOne(name: string, trials: readonly Trial[], random: Random): FittedObjective {
  const domains = trials[0]!.weights.length;
  const model = fitObjective(
    { ...predictors, ...peerPredictors }[name]!,
    {
      weights: Float64Array.from(trials.flatMap(({ weights }) => weights)),
      rows: trials.length,
      domains,
      losses: trials[0]!.losses.map((_, i) => Float64Array.from(trials, ({ losses }) => losses[i]!.loss)),
      targetWeights: trials[0]!.losses.map(() => 1),
    },
    random,
  );
  return {
    model,
    objective: (mixture) => model.predict(mixture),
    objectiveAll: (rows) => model.predictAll(rows, domains),
    scores: [],
    baseline: { predictor: "none", spearman: 0, kendall: 0, r2: 0, rmse: 0, coverage: [] },
    chosen: name,
    constant: false,
  };
}
