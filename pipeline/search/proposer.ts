/** Which mixtures to measure next, and which one to train on: what the methods of the field differ in. */
import type { Random } from "../math/random.ts";
import { mixtureKey } from "../mixture/key.ts";
import type { FittedObjective } from "../predictor/choose.ts";
import type { Trial } from "../schema/search.ts";
import type { Purse } from "./buy-round.ts";
import { lowest } from "./score.ts";
import { type Guard, guardLimits, guardProbability, predictedExcess } from "./guards.ts";

export type Mixture = Float64Array;

/** Where a search may go. */
export interface SearchSpace {
  readonly domains: number;
  /** The natural mixture, or the allowed one nearest to it. */
  readonly natural: Mixture;
  /** Draw one mixture that keeps every constraint. */
  readonly sample: (random: Random) => Mixture;
  /** An allowed mixture near these weights; undefined if there is none. */
  readonly repair: (weights: ArrayLike<number>) => Mixture | undefined;
  /** Set where only these can be measured: runs that exist already. */
  readonly pool?: readonly Mixture[];
}

/** What of a trial a proposer may look at. */
export type MeasuredTrial = Pick<Trial, "key" | "weights" | "losses" | "objective">;

export interface SearchState {
  readonly space: SearchSpace;
  readonly trials: readonly MeasuredTrial[];
  /** Proposed, and not measured yet. */
  readonly pending: readonly Mixture[];
  /** Fitted to the trials; undefined before the first are measured. */
  readonly predictor: Surrogate | undefined;
  /** Names of the targets, in the order of the trials' losses. */
  readonly targets: readonly string[];
  readonly guards: readonly Guard[];
}

/** What of a fit a proposer goes by. */
export type Surrogate = Pick<FittedObjective, "model" | "objective" | "objectiveAll">;

export interface InformedState extends SearchState {
  readonly predictor: Surrogate;
}

export interface Proposer {
  readonly name: string;
  /** `count` distinct allowed mixtures, none measured or pending; fewer only where the space holds no more. */
  propose(state: SearchState, count: number, random: Random): Mixture[];
  /** What to measure by which of several proxies, the search's own first: one list each. Only of those that weigh costs. */
  buy?(state: SearchState, purse: Purse, random: Random): Mixture[][];
  /** The mixture that it would train on. */
  recommend(state: InformedState, random: Random): Mixture;
}

export function isInformed(state: SearchState): state is InformedState {
  return state.predictor !== undefined;
}

/** Up to `count` distinct mixtures that are neither measured nor pending. A cramped space may hold fewer. */
export function drawUnmeasured(
  { space, trials, pending }: Pick<SearchState, "space" | "trials" | "pending">,
  count: number,
  random: Random,
): Mixture[] {
  const seen = new Set([...trials.map(({ weights }) => weights), ...pending].map(mixtureKey));
  if (space.pool !== undefined) {
    const left = space.pool.filter((mixture) => !seen.has(mixtureKey(mixture)));
    if (left.length <= count) return left;
    return random.sampleWithoutReplacement(left.length, count).map((i) => left[i]!);
  }
  const drawn: Mixture[] = [];
  for (let draw = 0; drawn.length < count && draw < count * 4; draw++) {
    const mixture = space.sample(random);
    const key = mixtureKey(mixture);
    if (seen.has(key)) continue;
    seen.add(key);
    drawn.push(mixture);
  }
  return drawn;
}

/**
 * Those of the mixtures that rather keep every guard than not, by prediction and in their order; where they are fewer than
 * `least`, then those that miss by least. All of them in a search without guards.
 */
export function keepGuarded(
  { space, predictor, targets, guards }: Pick<InformedState, "space" | "predictor" | "targets" | "guards">,
  mixtures: readonly Mixture[],
  least: number,
): readonly Mixture[] {
  if (guards.length === 0 || mixtures.length === 0) return mixtures;
  const limits = guardLimits(predictor.model, targets, guards, space.natural);
  const keeps = guardProbability(limits, toRows(mixtures), space.domains);
  const kept = mixtures.filter((_, i) => keeps[i]! >= 0.5);
  if (kept.length >= least) return kept;
  const others = [...mixtures.keys()].filter((i) => keeps[i]! < 0.5);
  const excess = new Map(others.map((i) => [i, predictedExcess(limits, mixtures[i]!)]));
  others.sort((left, right) => excess.get(left)! - excess.get(right)! || left - right);
  return [...kept, ...others.slice(0, least - kept.length).map((i) => mixtures[i]!)];
}

/** Draws among which blind proposers look for each mixture that keeps the guards. */
const guardedDraws = 16;

/** Blind draws, but that once there is a predictor, mixtures that rather break a guard are passed over. */
export function drawGuarded(state: SearchState, count: number, random: Random): Mixture[] {
  // Drawn as every other proposer's first round is: under one seed, searches that begin blind begin alike.
  const start = random.fork("start");
  if (!isInformed(state) || state.guards.length === 0) return drawUnmeasured(state, count, start);
  return keepGuarded(state, drawUnmeasured(state, guardedDraws * count, start), count).slice(0, count);
}

/** Mixtures as rows * domains. */
export function toRows(mixtures: readonly ArrayLike<number>[]): Float64Array {
  const domains = mixtures[0]?.length ?? 0;
  const rows = new Float64Array(mixtures.length * domains);
  mixtures.forEach((mixture, index) => rows.set(mixture, index * domains));
  return rows;
}

/** The mixtures in the order of their predicted objective, lowest first. */
export function rankByPrediction(mixtures: readonly Mixture[], predictor: Surrogate): Mixture[] {
  const predictions = predictor.objectiveAll(toRows(mixtures));
  const order = mixtures.map((_, index) => index);
  order.sort((left, right) => predictions[left]! - predictions[right]! || left - right);
  return order.map((index) => mixtures[index]!);
}

/** The measured mixture of the lowest objective, among those that by prediction rather keep the guards than not. */
export function bestMeasured(state: InformedState): Mixture {
  const mixtures = state.trials.map(({ weights }) => Float64Array.from(weights));
  const kept = new Set(keepGuarded(state, mixtures, 1));
  const trials = state.trials.filter((_, i) => kept.has(mixtures[i]!));
  return Float64Array.from(lowest(trials).weights);
}

/**
 * The mean of the `count` best predicted of the mixtures, made allowed; of a pool, or where the mean would rather break a guard,
 * the best of them stands for it.
 */
export function averageBest(
  state: Pick<InformedState, "space" | "predictor" | "targets" | "guards">,
  mixtures: readonly Mixture[],
  count: number,
): Mixture {
  const { space, predictor } = state;
  const best = rankByPrediction(keepGuarded(state, mixtures, 1), predictor).slice(0, count);
  if (space.pool !== undefined) return best[0]!;
  const mean = new Float64Array(space.domains);
  for (const mixture of best) mixture.forEach((weight, domain) => (mean[domain]! += weight));
  const total = mean.reduce((sum, weight) => sum + weight, 0);
  const allowed = space.repair(mean.map((weight) => weight / total));
  return allowed !== undefined && keepGuarded(state, [allowed], 0).length === 1 ? allowed : best[0]!;
}
