/**
 * The search of the paper (section 3.2, equations 3 and 4): alternate between measuring mixtures with proxies
 * and refitting the predictor that the next ones are proposed by. RegMix is the case of a single round.
 */
import type { Random } from "../math/random.ts";
import type { FittedObjective } from "../predictor/choose.ts";
import type { SearchConfig } from "../schema/search-config.ts";
import type { SearchRound, Trial } from "../schema/search.ts";
import { CheaperProxies, type CheaperProxy } from "./cheaper-proxies.ts";
import type { Guard } from "./guards.ts";
import { averageBest, drawUnmeasured, type Mixture, type Proposer, type SearchSpace } from "./proposer.ts";

export interface SearchParts {
  readonly space: SearchSpace;
  readonly proposer: Proposer;
  /** Mixtures to measure before any other: another system's weights, made by hand. */
  readonly given: readonly Mixture[];
  /** Names of the targets, in the order of the trials' losses. */
  readonly targets: readonly string[];
  readonly guards: readonly Guard[];
  /** Train proxies on these mixtures; results in the same order. */
  evaluate(candidates: readonly Mixture[]): Promise<Trial[]>;
  /** Cheaper proxies, the dearest first. Each round spends on all of them what its own trials would cost. */
  readonly cheaper?: readonly CheaperProxy[];
  /** Fit the candidates of config.predictors and keep the best by cross-validation. @param cheaper trials of each cheaper proxy */
  fit(trials: readonly Trial[], random: Random, cheaper: readonly (readonly Trial[])[]): FittedObjective;
  /** @param cheaper what the round measured by each cheaper proxy */
  onRound?(round: SearchRound, cheaper: readonly (readonly Trial[])[]): void;
}

export interface SearchOutcome {
  rounds: SearchRound[];
  trials: Trial[];
  /** Of each cheaper proxy, round by round. */
  cheaper: Trial[][][];
  /** The predictor fitted to every trial. */
  predictor: FittedObjective;
  /** The mixture that the proposer would train on (the paper's answer, with its proposer). */
  predictedBest: Mixture;
  /** Mean of the config.average best predicted (RegMix's answer). */
  topAverage: Mixture;
}

/** @throws whatever the parts throw; trials already measured are in the ledger then */
export async function climbSearch(
  config: Pick<SearchConfig, "rounds" | "pool" | "average">,
  parts: SearchParts,
  random: Random,
): Promise<SearchOutcome> {
  const { space, proposer, given, targets, guards } = parts;
  const trials: Trial[] = [];
  const cheaper = new CheaperProxies(parts.cheaper ?? []);
  const rounds: SearchRound[] = [];
  let predictor: FittedObjective | undefined;

  for (const [round, count] of config.rounds.entries()) {
    const ready = round === 0 ? given.slice(0, count) : [];
    const state = { space, trials, pending: ready, predictor, targets, guards };
    const stream = random.fork(`round/${round}`);
    const isLast = round === config.rounds.length - 1;
    const candidates =
      cheaper.rounds.length === 0
        ? [...ready, ...proposer.propose(state, count - ready.length, stream)]
        : await cheaper.spend(proposer, state, { count, isLast }, stream);
    // A pool, or a simplex this cramped, can be exhausted; a purse that buys nothing yet is kept for the next round.
    if (candidates.length === 0 && cheaper.rounds.length === 0) break;
    const predicted = predictor && candidates.map((mixture) => predictor!.objective(mixture));

    const measured = await parts.evaluate(candidates);
    trials.push(...measured);
    predictor = parts.fit(trials, random.fork(`fit/${round}`), cheaper.trials);

    rounds.push({
      round: round + 1,
      trials: measured.map((trial) => trial.key),
      bestObjective: Math.min(...trials.map((trial) => trial.objective)),
      predictors: predictor.scores,
      chosenPredictor: predictor.chosen,
      baseline: predictor.baseline,
      constant: predictor.constant,
      predictedObjective: predicted ?? null,
    });
    parts.onRound?.(
      rounds.at(-1)!,
      cheaper.rounds.map((measured) => measured[round]!),
    );
  }
  if (predictor === undefined) throw new RangeError("rounds should hold at least one number of trials");

  const everything = [...trials, ...cheaper.trials.flat()];
  const state = { space, trials: everything, pending: [], predictor, targets, guards };
  const pool = drawUnmeasured({ ...state, trials: [] }, config.pool, random.fork("average"));
  return {
    rounds,
    trials,
    cheaper: cheaper.rounds,
    predictor,
    predictedBest: proposer.recommend(state, random.fork("answer")),
    topAverage: averageBest(state, pool, config.average),
  };
}
