import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { sampleDirichlet } from "../../../pipeline/math/dirichlet.ts";
import { normalise } from "../../../pipeline/math/simplex.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import { chooseObjective } from "../../../pipeline/predictor/choose.ts";
import type { Trial } from "../../../pipeline/schema/search.ts";
import { climbSearch, type SearchParts } from "../../../pipeline/search/climb-search.ts";
import { climb } from "../../../pipeline/search/proposers/climb.ts";

const config = { rounds: [24, 12, 6], pool: 500, average: 20 };

/** A loss whose best mixture is known: (0.6, 0.3, 0.1, 0). */
function loss(weights: ArrayLike<number>): number {
  const best = [0.6, 0.3, 0.1, 0];
  return 1 + best.reduce((sum, weight, domain) => sum + (weights[domain]! - weight) ** 2, 0);
}

function parts(): { parts: SearchParts; asked: number[][][] } {
  const asked: number[][][] = [];
  return {
    asked,
    parts: {
      space: {
        domains: 4,
        natural: new Float64Array(4).fill(1 / 4),
        sample: (random) => sampleDirichlet(new Float64Array(4).fill(1), random),
        repair: (weights) => normalise(weights),
      },
      proposer: climb({ pool: config.pool, top: null }),
      given: [],
      targets: ["t"],
      guards: [],
      async evaluate(candidates) {
        asked.push(candidates.map((mixture) => [...mixture]));
        return candidates.map((mixture): Trial => {
          const objective = loss(mixture);
          return {
            key: mixtureKey(mixture),
            weights: [...mixture],
            losses: [{ target: "t", loss: objective }],
            objective: objective,
            drawnTokens: [0, 0, 0, 0],
            epochs: [0, 0, 0, 0],
          };
        });
      },
      fit: (trials, random) =>
        chooseObjective({
          trials,
          targetWeights: new Map([["t", 1]]),
          candidates: ["ridge"],
          folds: 5,
          random,
        }),
    },
  };
}

await test("each round measures new mixtures, chosen from the best predicted", async () => {
  const { parts: search, asked } = parts();
  const outcome = await climbSearch(config, search, new Random(1));
  assert.deepEqual(
    asked.map((round) => round.length),
    [24, 12, 6],
  );
  const keys = asked.flat().map((weights) => mixtureKey(weights));
  assert.equal(new Set(keys).size, 42);
  assert.deepEqual(
    outcome.rounds.map(({ round }) => round),
    [1, 2, 3],
  );
  assert.equal(outcome.rounds[0]!.predictedObjective, null);
  assert.equal(outcome.rounds[2]!.predictedObjective!.length, 6);

  const mean = (round: number[][]) => round.reduce((sum, weights) => sum + loss(weights), 0) / round.length;
  assert(mean(asked[1]!) < mean(asked[0]!), "the predictor's choice should beat the blind start");
  assert(loss(outcome.predictedBest) < Math.min(...asked[0]!.map(loss)) + 0.02);
  assert(Math.abs(outcome.topAverage.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
});

async function askedWith(seed: number): Promise<number[][][]> {
  const { parts: search, asked } = parts();
  await climbSearch(config, search, new Random(seed));
  return asked;
}

await test("the same seed asks for the same mixtures, another seed for others", async () => {
  assert.deepEqual(await askedWith(5), await askedWith(5));
  assert.notDeepEqual(await askedWith(5), await askedWith(6));
});

await test("one round is RegMix: no mixture is predicted before it is measured", async () => {
  const { parts: search } = parts();
  const { rounds } = await climbSearch({ ...config, rounds: [16] }, search, new Random(2));
  assert.equal(rounds.length, 1);
  assert.equal(rounds[0]!.predictedObjective, null);
});
