/** What an acquisition is maximised over: draws from all of the space, and draws close to the best so far. */
import { sampleDirichlet } from "../math/dirichlet.ts";
import type { Random } from "../math/random.ts";
import { mixtureKey } from "../mixture/key.ts";
import {
  drawUnmeasured,
  type InformedState,
  keepGuarded,
  type Mixture,
  rankByPrediction,
} from "./proposer.ts";

export interface CandidateOptions {
  /** Draws from all of the space. */
  readonly pool: number;
  /** Draws near the incumbents. */
  readonly local: number;
  /** How many of the best predicted measured mixtures are drawn around. */
  readonly incumbents: number;
}

/** Distinct unmeasured mixtures; of a pool, all that is left of it. */
export function acquisitionCandidates(
  state: InformedState,
  { pool, local, incumbents }: CandidateOptions,
  random: Random,
): Mixture[] {
  const { space, trials, pending, predictor } = state;
  if (space.pool !== undefined) return drawUnmeasured(state, space.pool.length, random);
  const wide = drawUnmeasured(state, pool, random.fork("pool"));
  const seen = new Set([...trials.map(({ weights }) => weights), ...pending, ...wide].map(mixtureKey));
  const measured = trials.map(({ weights }) => Float64Array.from(weights));
  // By prediction, not by measurement: noise makes some mixtures look best that are not.
  const best = rankByPrediction(measured, predictor).slice(0, incumbents);
  const near: Mixture[] = [];
  const localRandom = random.fork("local");
  for (let draw = 0; draw < local; draw++) {
    const mixture = perturb(best[draw % best.length]!, space.natural, localRandom);
    const allowed = space.repair(mixture);
    if (allowed === undefined || seen.has(mixtureKey(allowed))) continue;
    seen.add(mixtureKey(allowed));
    near.push(allowed);
  }
  return [...wide, ...near];
}

/** The lowest posterior mean over candidates and what was measured, among those that rather keep the guards than not. */
export function lowestMean(state: InformedState, candidates: readonly Mixture[]): Mixture {
  const all = [...candidates, ...state.trials.map(({ weights }) => Float64Array.from(weights))];
  return rankByPrediction(keepGuarded(state, all, 1), state.predictor)[0]!;
}

/** Concentration of the draws around an incumbent, and the share of the natural mixture let in: log-uniform in these. */
const concentrations = [30, 3000] as const;
const openings = [0.001, 0.1] as const;

/** A Dirichlet draw around `centre`, opened a little to the domains that it leaves out. */
export function perturb(centre: Mixture, natural: Mixture, random: Random): Mixture {
  const concentration = logUniform(concentrations, random);
  const opening = logUniform(openings, random);
  return sampleDirichlet(
    centre.map((weight, i) => concentration * ((1 - opening) * weight + opening * natural[i]!)),
    random,
  );
}

function logUniform([low, high]: readonly [number, number], random: Random): number {
  return low * (high / low) ** random.uniform();
}
