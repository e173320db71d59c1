import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Random } from "../../pipeline/math/random.ts";
import { normalise } from "../../pipeline/math/simplex.ts";
import { drawSequences } from "../../pipeline/proxy/batch-plan-reference.ts";
import { planBatches, readSequence } from "../../pipeline/proxy/batch-plan.ts";
import { domainSize } from "../../pipeline/proxy/pool.ts";
import { planTokens, scalePools } from "../../pipeline/proxy/token-plan.ts";
import { domainOf } from "../unit/proxy/tiny-corpus.ts";

const scenario = fc
  .record({
    documentLengths: fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }), {
      minLength: 1,
      maxLength: 5,
    }),
    shape: fc.record({
      contextTokens: fc.integer({ min: 1, max: 9 }),
      batchSequences: fc.integer({ min: 1, max: 4 }),
    }),
    targetTokens: fc.integer({ min: 40, max: 400 }),
    proxyShare: fc.constantFrom(1, 0.8, 0.5),
    runShare: fc.constantFrom(undefined, 0.5, 0.7),
    rawWeights: fc.array(fc.constantFrom(0, 0.1, 0.5, 1, 3), { minLength: 5, maxLength: 5 }),
    seed: fc.integer(),
  })
  .map(({ documentLengths, proxyShare, rawWeights, runShare, targetTokens, ...rest }) => {
    let token = 0;
    const domains = documentLengths.map((lengths, k) => {
      const domain = domainOf(
        `d${k}`,
        lengths.map((length) => Array.from({ length }, () => token++)),
      );
      // One domain's text is fewer tokens of the run's own tokenizer.
      return k > 0 || runShare === undefined
        ? domain
        : { ...domain, runTokens: runShare * domain.tokens.length };
    });
    const budget = { targetTokens, proxyTokens: Math.ceil(proxyShare * targetTokens) };
    const pools = scalePools(
      domains.map(({ tokens }) => tokens.length),
      budget,
    );
    const usable = pools.map((pool, k) => (pool >= rest.shape.contextTokens ? rawWeights[k]! : 0));
    return { domains, budget, usable, ...rest };
  })
  .filter(
    ({ usable, budget, shape }) =>
      usable.some((weight) => weight > 0) && budget.proxyTokens >= shape.contextTokens * shape.batchSequences,
  );

await test("planned batches equal the stream written out, cut, shuffled and sorted", () => {
  let repeated = 0;
  fc.assert(
    fc.property(scenario, ({ domains, budget, usable, shape, seed }) => {
      const weights = normalise(usable);
      const plan = planBatches(weights, domains, budget, shape, new Random(seed));
      const expected = drawSequences(weights, domains, budget, shape, new Random(seed));
      assert.equal(plan.sequenceDomains.length, plan.steps * shape.batchSequences);
      assert.deepEqual(
        [...plan.sequenceDomains].map((domain, sequence) => {
          const tokens: number[] = [];
          readSequence(plan, domains, sequence, tokens);
          return { domain, tokens };
        }),
        expected,
      );
      if (plan.epochs.some((epochs) => epochs > 1)) repeated++;
    }),
    { numRuns: 300 },
  );
  assert.ok(repeated > 50, `${repeated} plans repeat a domain`);
});

await test("batches draw what the plan of tokens says, and finish each pass before the next", () => {
  fc.assert(
    fc.property(scenario, ({ domains, budget, usable, shape, seed }) => {
      const weights = normalise(usable);
      const plan = planBatches(weights, domains, budget, shape, new Random(seed));
      const sizes = domains.map(domainSize);
      const { drawnTokens, prefixTokens, poolTokens, epochs } = planTokens(weights, sizes, budget, shape);
      assert.deepEqual(plan.drawnTokens, drawnTokens);
      const reads = domains.map(({ tokens }) => new Uint32Array(tokens.length));
      plan.sequenceDomains.forEach((k, sequence) => {
        for (let t = 0; t < shape.contextTokens; t++) {
          const inPool = (plan.sequencePositions[sequence]! + t) % poolTokens[k]!;
          reads[k]![(plan.poolStarts[k]! + inPool) % reads[k]!.length]!++;
        }
      });
      reads.forEach((times, k) => {
        const total = times.reduce((sum, count) => sum + count, 0);
        assert.equal(total, drawnTokens[k]);
        assert.equal(times.filter((count) => count > 0).length, prefixTokens[k]);
        // Everything in the pool was read as often as the plan says, or once more.
        const whole = Math.floor(epochs[k]!);
        assert.ok(times.every((count) => count === 0 || (count >= whole && count <= Math.ceil(epochs[k]!))));
      });
    }),
  );
});

await test("a domain's sequences do not depend on the other domains' weights, and come in their order", () => {
  fc.assert(
    fc.property(scenario, ({ domains, budget, usable, shape, seed }) => {
      const order = (weights: Float64Array) => {
        const plan = planBatches(weights, domains, budget, shape, new Random(seed));
        return domains.map((_, k) => ({
          drawn: plan.drawnTokens[k],
          positions: [...plan.sequencePositions].filter((_, i) => plan.sequenceDomains[i] === k),
        }));
      };
      const some = order(normalise(usable));
      const others = order(normalise(usable.map((weight, k) => (k === 0 ? 2 * weight : weight))));
      some.forEach((domain, k) => {
        if (others[k]!.drawn === domain.drawn) assert.deepEqual(others[k], domain);
      });
    }),
  );
});
