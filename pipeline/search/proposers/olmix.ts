import {
  drawUnmeasured,
  isInformed,
  type Mixture,
  type Proposer,
  rankByPrediction,
  type SearchSpace,
  type Surrogate,
} from "../proposer.ts";
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
  const exact = ({ space, predictor }: { space: SearchSpace; predictor: Surrogate }): Mixture =>
    space.pool === undefined
      ? minimiseConvex((weights) => predictor.objective(weights), space, klWeight)
      : rankByPrediction(space.pool, predictor)[0]!;
  return {
    name: "olmix",
    propose(state, count, random) {
      if (!isInformed(state)) return drawUnmeasured(state, count, random);
      const answer = exact(state);
      const known = [...state.trials.map(({ weights }) => weights), ...state.pending].map(mixtureKey);
      const isNew = !known.includes(mixtureKey(answer));
      const pending = isNew ? [...state.pending, answer] : state.pending;
      const draws = drawUnmeasured({ ...state, pending }, isNew ? count - 1 : count, random);
      return isNew ? [answer, ...draws] : draws;
    },
    recommend: exact,
  };
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
