import assert from "node:assert/strict";
import test from "node:test";
import { sampleDirichlet } from "../../../pipeline/math/dirichlet.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { normalise } from "../../../pipeline/math/simplex.ts";
import { mean } from "../../../pipeline/math/stats.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import { allPredictors, chooseObjective, measuredTrials } from "../../../pipeline/predictor/choose.ts";
import { gp } from "../../../pipeline/predictor/gp.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import { onCheapTier } from "../../../pipeline/predictor/tiers.ts";
import type { Trial } from "../../../pipeline/schema/search.ts";
import { climbSearch } from "../../../pipeline/search/climb-search.ts";
import type { Mixture } from "../../../pipeline/search/proposer.ts";
import { bayes } from "../../../pipeline/search/proposers/bayes.ts";
import { climb } from "../../../pipeline/search/proposers/climb.ts";

const domains = 8;
const optimum = [0.35, 0.25, 0.15, 0.1, 0.05, 0.05, 0.05, 0];
const targetWeights = new Map([["t", 1]]);
const tenth = 0.1;

/** 0 at the optimum, 1 far from it. */
function distance(weights: ArrayLike<number>): number {
  const squares = optimum.map((best, i) => (Math.sqrt(weights[i]!) - Math.sqrt(best)) ** 2);
  return 1 - Math.exp(-squares.reduce((sum, square) => sum + square, 0) / 0.4);
}
const dear = (weights: ArrayLike<number>) => 2.5 + 0.4 * distance(weights);
/** Another level, another slope, and a bend of its own. */
const cheap = (weights: ArrayLike<number>) =>
  3.1 + 0.45 * distance(weights) + 0.05 * Math.sin(3 * weights[0]! + 5 * weights[3]!);
/** Tells nothing of the dear one. */
const unlike = (weights: ArrayLike<number>) => 3 + Math.sin(9 * weights[1]! + 40 * weights[6]!);

type Loss = (weights: ArrayLike<number>) => number;

function trialsBy(loss: Loss, asked: Mixture[]) {
  return async (mixtures: readonly Mixture[]): Promise<Trial[]> => {
    asked.push(...mixtures);
    return mixtures.map((mixture): Trial => {
      const noise = 0.002 * new Random(`${loss(optimum)} ${mixtureKey(mixture)}`).normal();
      const measured = loss(mixture) + noise;
      return {
        key: mixtureKey(mixture),
        weights: [...mixture],
        losses: [{ target: "t", loss: measured }],
        objective: measured,
        drawnTokens: [],
        epochs: [],
      };
    });
  };
}

/** @param cheaper the cheaper proxies' losses, at `cost` of a dear trial each */
async function search(rounds: number[], cheaper: readonly Loss[], seed: number, cost = tenth) {
  const asked: Mixture[][] = [[], ...cheaper.map(() => [])];
  const outcome = await climbSearch(
    { rounds, pool: 200, average: 20 },
    {
      space: {
        domains,
        natural: new Float64Array(domains).fill(1 / domains),
        sample: (random) => sampleDirichlet(new Float64Array(domains).fill(1), random),
        repair: (weights) => normalise(weights),
      },
      proposer: bayes({ pool: 1000, local: 500, incumbents: 5, start: "prior" }),
      given: [],
      targets: ["t"],
      guards: [],
      evaluate: trialsBy(dear, asked[0]!),
      cheaper: cheaper.map((loss, tier) => ({ cost, evaluate: trialsBy(loss, asked[tier + 1]!) })),
      fit: (trials, random, [measured]) => {
        const low =
          measured &&
          fitObjective(gp(), measuredTrials({ trials: measured, targetWeights }), random.fork("low")).targets;
        return chooseObjective({
          trials,
          targetWeights,
          candidates: low === undefined ? ["gp"] : ["gp", "tiers"],
          registry: { ...allPredictors, ...(low && { tiers: onCheapTier("tiers", gp(), low) }) },
          folds: 5,
          random,
        });
      },
    },
    new Random(seed),
  );
  const keys = asked.map((mixtures) => mixtures.map(mixtureKey));
  const spent = keys[0]!.length + cost * (keys[1]?.length ?? 0);
  return { outcome, keys, spent, regret: dear(outcome.predictedBest) - dear(optimum) };
}

await test("with a cheaper proxy the search comes as near to the optimum for half of what it costs without", async () => {
  const seeds = [1, 2, 3];
  const tiered = await Promise.all(seeds.map((seed) => search([8, 4, 4, 4], [cheap], seed)));
  const same = await Promise.all(seeds.map((seed) => search([8, 4, 4, 4], [], seed)));
  const twice = await Promise.all(seeds.map((seed) => search([8, 8, 8, 8, 8], [], seed)));
  const regrets = [tiered, same, twice].map((runs) => mean(runs.map(({ regret }) => regret)));
  assert.ok(regrets[0]! < 0.006 && regrets[0]! < regrets[1]! / 5, regrets.join(" "));
  assert.ok(regrets[0]! < regrets[2]! + 0.002, regrets.join(" "));
  for (const { outcome, keys, spent } of tiered) {
    assert.ok(spent > 18 && spent <= 20 + 1e-9, String(spent));
    assert.equal(outcome.rounds[0]!.trials.length, 4);
    assert.equal(outcome.cheaper[0]![0]!.length, 36);
    assert.deepEqual(
      outcome.trials.map(({ key }) => key),
      keys[0],
    );
    // Nested: whatever the dear one measured, the cheap one did too, and nothing twice.
    const cheaper = new Set(keys[1]);
    assert.equal(cheaper.size, keys[1]!.length);
    assert.ok(keys[0]!.every((key) => cheaper.has(key)));
    // The last round is the dear one's, and the cheap one's only where it had not measured yet.
    const last = outcome.rounds.at(-1)!.trials;
    assert.ok(last.length >= 3);
    assert.ok(outcome.cheaper[0]!.at(-1)!.every(({ key }) => last.includes(key)));
  }
});

await test("a cheaper proxy that tells nothing is not asked again, but beside the dear one", async () => {
  const { outcome } = await search([8, 4, 4], [unlike], 1);
  // What the second and the third round were bought by.
  assert.deepEqual(
    outcome.rounds.slice(0, 2).map(({ chosenPredictor }) => chosenPredictor),
    ["gp", "gp"],
  );
  assert.deepEqual(
    outcome.cheaper[0]!.slice(1).map(({ length }) => length),
    outcome.rounds.slice(1).map(({ trials }) => trials.length),
  );
});

await test("a round whose money buys nothing yet does not end the search", async () => {
  const { outcome, keys, spent } = await search([8, 1, 8], [cheap], 1, 0.9);
  assert.equal(outcome.rounds.length, 3);
  assert.equal(outcome.cheaper[0]!.length, 3);
  assert.ok(spent > 17 - 1.9 && spent <= 17, `${spent}`);
  assert.equal(outcome.rounds.flatMap(({ trials }) => trials).length, new Set(keys[0]).size);
});

await test("two cheaper proxies: the cheapest starts with the most, and all are nested", async () => {
  const { keys } = await search([12, 4], [cheap, cheap], 2);
  const [own, middle, cheapest] = keys.map((of) => new Set(of));
  assert.ok(own!.size < middle!.size && middle!.size < cheapest!.size);
  assert.ok([...own!].every((key) => middle!.has(key)) && [...middle!].every((key) => cheapest!.has(key)));
});

await test("proposers that do not weigh costs say so", async () => {
  const trials = trialsBy(dear, []);
  const parts = {
    space: {
      domains: 2,
      natural: Float64Array.of(0.5, 0.5),
      sample: () => Float64Array.of(1, 0),
      repair: () => undefined,
    },
    proposer: climb({ pool: 10, top: null }),
    given: [],
    targets: ["t"],
    guards: [],
    evaluate: trials,
    cheaper: [{ cost: tenth, evaluate: trials }],
    fit: () => assert.fail("nothing is measured"),
  };
  await assert.rejects(
    climbSearch({ rounds: [8, 4], pool: 1, average: 1 }, parts, new Random(1)),
    /climb does not weigh costs/,
  );
});
