/**
 * The search of the paper (section 3.2, equations 3 and 4): alternate between measuring mixtures with proxies
 * and refitting the predictor that picks the next ones. RegMix is the case of a single round.
 */
import type { Random } from "../math/random.ts";
import { mixtureKey } from "../mixture/key.ts";
import type { FittedObjective } from "../predictor/choose.ts";
import type { SearchConfig } from "../schema/search-config.ts";
import type { SearchRound, Trial } from "../schema/search.ts";

export type Mixture = Float64Array;

export interface SearchParts {
  /** Draw one mixture that keeps every constraint. */
  sample(random: Random): Mixture;
  /** Train proxies on these mixtures; results in the same order. */
  evaluate(candidates: readonly Mixture[]): Promise<Trial[]>;
  /** Fit the candidates of config.predictors and keep the best by cross-validation. */
  fit(trials: readonly Trial[], random: Random): FittedObjective;
  onRound?(round: SearchRound): void;
}

export interface SearchOutcome {
  rounds: SearchRound[];
  trials: Trial[];
  /** The predictor fitted to every trial. */
  predictor: FittedObjective;
  /** Lowest prediction in the last pool (the paper's answer). */
  predictedBest: Mixture;
  /** Mean of the config.average best predicted (RegMix's answer). */
  topAverage: Mixture;
}

/** @throws whatever the parts throw; trials already measured are in the ledger then */
export async function climbSearch(
  config: Pick<SearchConfig, "rounds" | "pool" | "top" | "average">,
  parts: SearchParts,
  random: Random,
): Promise<SearchOutcome> {
  const trials: Trial[] = [];
  const rounds: SearchRound[] = [];
  let predictor: FittedObjective | undefined;

  for (const [round, count] of config.rounds.entries()) {
    const candidates =
      predictor === undefined
        ? samplePool(parts, count, trials, random.fork("start"))
        : propose(config, parts, predictor, count, trials, random.fork(`round/${round}`));
    const predicted =
      predictor === undefined ? null : candidates.map((mixture) => predictor!.objective(mixture));

    const measured = await parts.evaluate(candidates);
    trials.push(...measured);
    predictor = parts.fit(trials, random.fork(`fit/${round}`));

    rounds.push({
      round: round + 1,
      trials: measured.map((trial) => trial.key),
      bestBitsPerByte: Math.min(...trials.map((trial) => trial.objectiveBitsPerByte)),
      predictors: predictor.scores,
      chosenPredictor: predictor.chosen,
      predictedBitsPerByte: predicted,
    });
    parts.onRound?.(rounds.at(-1)!);
  }
  if (predictor === undefined) throw new RangeError("rounds should hold at least one number of trials");

  const pool = rank(samplePool(parts, config.pool, [], random.fork("answer")), predictor);
  return {
    rounds,
    trials,
    predictor,
    predictedBest: pool[0]!,
    topAverage: average(pool.slice(0, config.average)),
  };
}

/** Equation 3: rank an unmeasured pool by the predictor, take the top N, draw M of them at random. */
function propose(
  config: Pick<SearchConfig, "pool" | "top">,
  parts: SearchParts,
  predictor: FittedObjective,
  count: number,
  trials: readonly Trial[],
  random: Random,
): Mixture[] {
  const pool = rank(samplePool(parts, config.pool, trials, random.fork("pool")), predictor);
  const top = Math.min(pool.length, config.top ?? Math.max(count * count, 128));
  const picks = random.fork("pick").sampleWithoutReplacement(top, Math.min(count, top));
  return picks.sort((left, right) => left - right).map((pick) => pool[pick]!);
}

/** Distinct mixtures that were not measured yet. A cramped simplex may hold fewer than asked for. */
function samplePool(
  parts: SearchParts,
  count: number,
  measured: readonly Trial[],
  random: Random,
): Mixture[] {
  const seen = new Set(measured.map((trial) => mixtureKey(trial.weights)));
  const pool: Mixture[] = [];
  for (let draw = 0; pool.length < count && draw < count * 4; draw++) {
    const mixture = parts.sample(random);
    const key = mixtureKey(mixture);
    if (seen.has(key)) continue;
    seen.add(key);
    pool.push(mixture);
  }
  return pool;
}

function rank(pool: readonly Mixture[], predictor: FittedObjective): Mixture[] {
  const domains = pool[0]?.length ?? 0;
  const rows = new Float64Array(pool.length * domains);
  pool.forEach((mixture, index) => rows.set(mixture, index * domains));
  const predictions = predictor.objectiveAll(rows);
  const order = pool.map((_, index) => index);
  order.sort((left, right) => predictions[left]! - predictions[right]! || left - right);
  return order.map((index) => pool[index]!);
}

function average(mixtures: readonly Mixture[]): Mixture {
  const mean = new Float64Array(mixtures[0]!.length);
  for (const mixture of mixtures) mixture.forEach((weight, domain) => (mean[domain]! += weight));
  const total = mean.reduce((sum, weight) => sum + weight, 0);
  return mean.map((weight) => weight / total);
}
