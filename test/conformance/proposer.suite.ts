import assert from "node:assert/strict";
import test from "node:test";
import { sampleDirichlet } from "../../pipeline/math/dirichlet.ts";
import { Random } from "../../pipeline/math/random.ts";
import { allowMixtures, type MixtureLimits } from "../../pipeline/mixture/allowed.ts";
import { mixtureKey } from "../../pipeline/mixture/key.ts";
import { createSampler } from "../../pipeline/mixture/sampler.ts";
import { chooseObjective, type FittedObjective } from "../../pipeline/predictor/choose.ts";
import { SamplerConfig } from "../../pipeline/schema/search-config.ts";
import type { Mixture, MeasuredTrial, Proposer, SearchSpace } from "../../pipeline/search/proposer.ts";

const domains = 5;
const limits: MixtureLimits = {
  names: ["a", "b", "c", "d", "e"],
  naturalShares: [0.4, 0.25, 0.2, 0.1, 0.05],
  lower: Float64Array.of(0.05, 0, 0, 0, 0),
  upper: Float64Array.of(1, 0.6, 0.6, 0.3, 0.2),
  groups: [{ name: "rest", members: [2, 3], min: 0.1, max: 0.7 }],
  minWeight: 0.01,
  maxKl: 1,
  maxTv: 0.6,
};
const allowed = allowMixtures(limits);
const sample = createSampler({
  prior: limits.naturalShares,
  allowed,
  sampler: SamplerConfig.parse({}),
});
const open: SearchSpace = { domains, natural: allowed.natural, sample, repair: allowed.repair };

/** Lowest at (0.1, 0.5, 0.3, 0.1, 0), which is allowed, and flat near it. */
function loss(weights: ArrayLike<number>): number {
  return [0.1, 0.5, 0.3, 0.1, 0].reduce((sum, best, i) => sum + (weights[i]! - best) ** 2, 1);
}

function measure(mixture: Mixture): MeasuredTrial {
  const objective = loss(mixture);
  return {
    key: mixtureKey(mixture),
    weights: [...mixture],
    losses: [{ target: "t", loss: objective }],
    objective: objective,
  };
}

/** Becomes worse with the second domain, of which the natural mixture has 0.25 and the best one 0.5. */
function guarded(weights: ArrayLike<number>): number {
  return 1 + weights[1]!;
}

function fit(
  predictor: string,
  trials: readonly MeasuredTrial[],
  targetWeights = new Map([["t", 1]]),
): FittedObjective {
  return chooseObjective({
    trials,
    targetWeights,
    candidates: [predictor],
    folds: 2,
    random: new Random("fit"),
  });
}

const started = Array.from({ length: 24 }, (_, i) => measure(sample(new Random(`start/${i}`))));

/** What every proposer owes the search. @param predictor one that suits it */
export async function proposerSuite(name: string, proposer: Proposer, predictor: string): Promise<void> {
  await test(`proposer ${name}`, async (t) => {
    const goals = { targets: ["t"], guards: [] };
    const informed = {
      space: open,
      trials: started,
      pending: [],
      predictor: fit(predictor, started),
      ...goals,
    };
    const blind = { space: open, trials: [], pending: [], predictor: undefined, ...goals };

    await t.test("goes by its name", () => assert.equal(proposer.name, name));

    await t.test("proposes as many distinct allowed mixtures as asked for, none known", () => {
      const pending = [sample(new Random("pending/0")), sample(new Random("pending/1"))];
      for (const state of [blind, informed, { ...informed, pending }]) {
        const proposed = proposer.propose(state, 6, new Random("propose"));
        const known = [...state.trials.map(({ weights }) => weights), ...state.pending];
        const knownKeys = new Set(known.map(mixtureKey));
        assert.equal(new Set(proposed.map(mixtureKey)).size, 6);
        assert.ok(!proposed.some((mixture) => knownKeys.has(mixtureKey(mixture))), "one is known already");
        for (const mixture of proposed) assert.ok(allowed.contains(mixture), [...mixture].join(" "));
      }
    });

    await t.test("depends on the stream alone, and changes nothing it is given", () => {
      const before = JSON.stringify(informed.trials);
      const first = proposer.propose(informed, 4, new Random("one"));
      assert.deepEqual(proposer.propose(informed, 4, new Random("one")), first);
      assert.deepEqual(
        proposer.recommend(informed, new Random("two")),
        proposer.recommend(informed, new Random("two")),
      );
      assert.equal(JSON.stringify(informed.trials), before);
    });

    await t.test("recommends an allowed mixture, better than the natural one", () => {
      const answer = proposer.recommend(informed, new Random("answer"));
      assert.ok(allowed.contains(answer), [...answer].join(" "));
      assert.ok(loss(answer) < loss(open.natural), `${loss(answer)} against ${loss(open.natural)}`);
    });

    await t.test("keeps the guards, by prediction, in what it proposes and recommends", () => {
      const both = started.map((trial) => ({
        ...trial,
        losses: [...trial.losses, { target: "g", loss: guarded(trial.weights) }],
      }));
      const state = {
        ...informed,
        trials: both,
        predictor: fit(predictor, both, new Map([...goals.targets.map((t) => [t, 1] as const), ["g", 0]])),
        targets: ["t", "g"],
        guards: [{ target: "g", tolerance: 0.05, confidence: 0.95 }],
      };
      const limit = guarded(open.natural) + 0.05;
      const proposed = proposer.propose(state, 6, new Random("guarded"));
      assert.equal(new Set(proposed.map(mixtureKey)).size, 6);
      for (const mixture of proposed) {
        assert.ok(allowed.contains(mixture), [...mixture].join(" "));
        assert.ok(guarded(mixture) < limit + 0.02, `${guarded(mixture)} against ${limit}`);
      }
      const answer = proposer.recommend(state, new Random("answer"));
      assert.ok(allowed.contains(answer) && guarded(answer) < limit + 0.01, `${guarded(answer)}`);
      const free = proposer.recommend({ ...state, guards: [] }, new Random("answer"));
      assert.ok(guarded(free) > limit, "without the guard it would not be kept");
    });

    await t.test("takes all that is left of a pool, then nothing", () => {
      const pool = Array.from({ length: 30 }, (_, i) =>
        sampleDirichlet(new Float64Array(domains).fill(1), new Random(`pool/${i}`)),
      );
      const measured = pool.slice(0, 27).map(measure);
      const state = {
        space: { ...open, pool },
        trials: measured,
        pending: [],
        predictor: fit(predictor, measured),
        ...goals,
      };
      const left = proposer.propose(state, 8, new Random("left"));
      assert.deepEqual(left.map(mixtureKey).sort(), pool.slice(27).map(mixtureKey).sort());
      const all = { ...state, trials: pool.map(measure) };
      assert.deepEqual(proposer.propose(all, 8, new Random("none")), []);
      assert.ok(pool.map(mixtureKey).includes(mixtureKey(proposer.recommend(all, new Random("answer")))));
    });
  });
}
