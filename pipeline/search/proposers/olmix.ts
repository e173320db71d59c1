import {
  drawGuarded,
  type InformedState,
  isInformed,
  keepGuarded,
  type Mixture,
  type Proposer,
  rankByPrediction,
  type SearchSpace,
} from "../proposer.ts";
import { guardLimits, predictedExcess } from "../guards.ts";
import { mixtureKey } from "../../mixture/key.ts";
import { klDivergence } from "../../mixture/divergence.ts";

export interface OlmixOptions {
  /** Weight of KL(mixture || natural), in the unit of the objective per nat. */
  readonly klWeight: number;
}

/**
 * olmix (arXiv 2602.12237): blind draws fit a log-linear law, which is convex, so with KL to the natural mixture its
 * minimum is found exactly. Rounds after the first measure that minimum besides further draws.
 */
export function olmix({ klWeight }: OlmixOptions): Proposer {
  const exact = (state: InformedState): Mixture => {
    const { space, predictor } = state;
    if (space.pool !== undefined) return rankByPrediction(keepGuarded(state, space.pool, 1), predictor)[0]!;
    const objective = (weights: ArrayLike<number>) => predictor.objective(weights);
    if (state.guards.length === 0) return minimiseConvex(objective, space, klWeight);
    // Laws are convex: what lies between two mixtures that keep a guard keeps it too, and the natural one always does.
    const limits = guardLimits(predictor.model, state.targets, state.guards, space.natural);
    const excess = (weights: ArrayLike<number>) => predictedExcess(limits, weights);
    const fined = (weights: ArrayLike<number>) =>
      objective(weights) + fine * Math.max(0, excess(weights)) ** 2;
    return backToGuards(minimiseConvex(fined, space, klWeight), space, excess);
  };
  return {
    name: "olmix",
    propose(state, count, random) {
      if (!isInformed(state)) return drawGuarded(state, count, random);
      const answer = exact(state);
      const known = [...state.trials.map(({ weights }) => weights), ...state.pending].map(mixtureKey);
      const isNew = !known.includes(mixtureKey(answer));
      const pending = isNew ? [...state.pending, answer] : state.pending;
      const draws = drawGuarded({ ...state, pending }, isNew ? count - 1 : count, random);
      return isNew ? [answer, ...draws] : draws;
    },
    recommend: exact,
  };
}

/**
 * What a bit by which a guard is missed costs, squared: so much that what is left of it is hardly anything, and smooth, which
 * the descent needs.
 */
const fine = 1e4;

/** On the way from the natural mixture to `found`, the allowed one farthest along that keeps every guard. */
function backToGuards(
  found: Mixture,
  { natural, repair }: Pick<SearchSpace, "natural" | "repair">,
  excess: (weights: ArrayLike<number>) => number,
): Mixture {
  if (excess(found) <= 0) return found;
  const at = (share: number) =>
    repair(found.map((weight, i) => natural[i]! + share * (weight - natural[i]!)));
  let kept = natural;
  let [low, high] = [0, 1];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    const mixture = at(middle);
    if (mixture !== undefined && excess(mixture) <= 0) [low, kept] = [middle, mixture];
    else high = middle;
  }
  return kept;
}

/**
 * argmin of objective(w) + klWeight * KL(w || natural) over the allowed mixtures, by mirror descent: a step in log weights,
 * then the nearest allowed mixture, which in KL is the exact projection. The step doubles while it helps and halves when not.
 *
 * @param objective smooth and convex; defined off the simplex too, since slopes are central differences
 */
export function minimiseConvex(
  objective: (weights: ArrayLike<number>) => number,
  space: Pick<SearchSpace, "natural" | "repair">,
  klWeight: number,
): Mixture {
  const { natural } = space;
  const value = (weights: Mixture) => objective(weights) + klWeight * klDivergence(weights, natural);
  let here = natural;
  let lowest = value(here);
  let step = 1;
  for (let iteration = 0; iteration < 2000 && step > 1e-9; iteration++) {
    const slopes = centralDifferences(objective, here);
    const next = space.repair(
      here.map((weight, i) => {
        const slope =
          slopes[i]! + klWeight * Math.log(Math.max(weight, 1e-300) / Math.max(natural[i]!, 1e-300));
        return weight * Math.exp(Math.max(-50, Math.min(50, -step * slope)));
      }),
    );
    const reached = next === undefined ? Infinity : value(next);
    if (reached < lowest) {
      here = next!;
      lowest = reached;
      step = Math.min(step * 2, 1e6);
    } else {
      step /= 2;
    }
  }
  return here;
}

function centralDifferences(objective: (weights: ArrayLike<number>) => number, at: Mixture): Float64Array {
  const width = 1e-5;
  const moved = at.slice();
  return at.map((weight, i) => {
    moved[i] = weight + width;
    const above = objective(moved);
    moved[i] = weight - width;
    const below = objective(moved);
    moved[i] = weight;
    return (above - below) / (2 * width);
  });
}
