import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Random } from "../../pipeline/math/random.ts";
import { normalise } from "../../pipeline/math/simplex.ts";
import { planBatches } from "../../pipeline/proxy/batch-plan.ts";
import { createNgramReference } from "../../pipeline/proxy/ngram-reference.ts";
import { createNgramProxy } from "../../pipeline/proxy/ngram/create-ngram-proxy.ts";
import { planTokens, scalePools } from "../../pipeline/proxy/token-plan.ts";
import { domainOf, targetOf } from "../unit/proxy/tiny-corpus.ts";

const vocabularySize = 6;
const text = fc.array(
  fc.array(fc.integer({ min: 0, max: vocabularySize - 1 }), { minLength: 0, maxLength: 12 }),
  { minLength: 1, maxLength: 6 },
);

const scenario = fc.record({
  domains: fc.array(text, { minLength: 1, maxLength: 4 }),
  targets: fc.array(text, { minLength: 1, maxLength: 2 }),
  /** From a part of the first document to many epochs. */
  targetTokens: fc.integer({ min: 1, max: 300 }),
  proxyShare: fc.constantFrom(1, 0.7, 0.4),
  sequences: fc.constantFrom(undefined, { contextTokens: 4, batchSequences: 2 }),
  rawWeights: fc.array(fc.constantFrom(0, 0.1, 0.5, 1, 3), { minLength: 4, maxLength: 4 }),
  seed: fc.integer(),
  config: fc.record({
    kind: fc.constant("ngram" as const),
    order: fc.integer({ min: 1, max: 3 }),
    discount: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
    repetition: fc.constantFrom("once" as const, "saturating" as const, "full" as const),
    saturationEpochs: fc.constantFrom(2, 15),
  }),
});

await test("the indexed n-gram proxy equals a recount of the drawn stream", async () => {
  const seen = { repeated: 0, partial: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async (scene) => {
      const { config, proxyShare, rawWeights, seed, sequences, targetTokens, ...texts } = scene;
      const budget = { targetTokens, proxyTokens: Math.ceil(proxyShare * targetTokens) };
      const domains = texts.domains.map((documents, k) => {
        const domain = domainOf(`d${k}`, documents);
        return k === 1 ? { ...domain, runTokens: 0.4 * domain.tokens.length } : domain;
      });
      const pools = scalePools(
        domains.map((domain) => domain.tokens.length),
        budget,
      );
      const usable = pools.map((pool, k) => (pool >= (sequences?.contextTokens ?? 1) ? rawWeights[k]! : 0));
      fc.pre(usable.some((weight) => weight > 0) && (sequences === undefined || budget.proxyTokens >= 8));
      const input = {
        vocabularySize,
        domains,
        targets: texts.targets.map((documents, t) => {
          const given = Uint32Array.from(documents, ({ length }) => Math.floor(length / 2));
          return { ...targetOf(`t${t}`, documents), ...(t === 1 && { contextTokens: given }) };
        }),
        budget,
        ...(sequences && { sequences }),
        seed: new Random(seed),
      };
      const weights = normalise(usable);
      const fast = await createNgramProxy(input, config).evaluate(weights);
      const plain = await createNgramReference(input, config).evaluate(weights);
      assert.deepEqual(fast.drawnTokens, plain.drawnTokens);
      assert.deepEqual(fast.epochs, plain.epochs);
      if (sequences !== undefined) {
        const batches = planBatches(weights, domains, budget, sequences, input.seed);
        assert.deepEqual(fast.drawnTokens, batches.drawnTokens);
        assert.deepEqual(fast.epochs, batches.epochs);
      }
      fast.targets.forEach(({ name, documentNats }, t) => {
        assert.equal(name, `t${t}`);
        assert.equal(documentNats.length, texts.targets[t]!.length);
        documentNats.forEach((nats, d) => {
          const expected = plain.targets[t]!.documentNats[d]!;
          assert.ok(Math.abs(nats - expected) < 1e-9, `target ${t} document ${d}: ${nats}, not ${expected}`);
        });
      });
      if (fast.epochs.some((epochs) => epochs > 1)) seen.repeated++;
      if (fast.epochs.some((epochs) => epochs > 0 && epochs < 1)) seen.partial++;
    }),
    { numRuns: 400 },
  );
  assert.ok(seen.repeated > 50 && seen.partial > 20, JSON.stringify(seen));
});

await test("plans draw the budget, from prefixes of pools", () => {
  const plans = fc.record({
    tokens: fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 12 }),
    targetTokens: fc.integer({ min: 1, max: 100_000 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(plans, ({ tokens, targetTokens, seed }) => {
      const random = new Random(seed);
      const weights = normalise(tokens.map(() => random.uniform() + 1e-6));
      const domains = tokens.map((count, k) => ({ id: `d${k}`, tokens: count }));
      const plan = planTokens(weights, domains, { targetTokens, proxyTokens: null });
      assert.equal(
        plan.drawnTokens.reduce((left, right) => left + right, 0),
        targetTokens,
      );
      plan.drawnTokens.forEach((drawn, k) => {
        assert.ok(Math.abs(drawn - weights[k]! * targetTokens) < 1 + 1e-6);
        assert.equal(plan.prefixTokens[k], Math.min(drawn, tokens[k]!));
        assert.equal(plan.epochs[k], drawn / tokens[k]!);
      });
    }),
  );
});
