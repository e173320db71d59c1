import assert from "node:assert/strict";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { createNgramReference } from "../../../pipeline/proxy/ngram-reference.ts";
import { createNgramProxy, ngramIdentity } from "../../../pipeline/proxy/ngram/create-ngram-proxy.ts";
import { NgramProxyConfig } from "../../../pipeline/schema/proxy-config.ts";
import { domainOf, targetOf } from "./tiny-corpus.ts";

/*
 * Documents "a b c", "a b c", "a b d" over the vocabulary {a, b, c, d}, discount 1/2; the target is "a b c".
 *
 *   p(a)      = (3 - 1/2 + 1/2 * 4 * 1/4)     / 9 = 3 / 9        4 distinct tokens, 1/V = 1/4
 *   p(b)      = p(a);   p(c) = (2 - 1/2 + 1/2) / 9 = 2 / 9
 *   p(b | a)  = (3 - 1/2 + 1/2 * 1 * p(b))    / 3 = 8 / 9        a is followed by b alone
 *   p(c | b)  = (2 - 1/2 + 1/2 * 2 * p(c))    / 3 = 31 / 54      b is followed by c and d
 *   p(c | ab) = (2 - 1/2 + 1/2 * 2 * p(c|b))  / 3 = 56 / 81
 *
 * Read twice evenly, counts, discounts and followers' weights all double: the model stays.
 *
 * Repetition counts where it is uneven. Domain X = "a b" read three times, Y = "a c" once, target "a b", bigrams:
 * c(a) = 4, c(b) = 3, c(c) = 1; m(a) = 1 (as in Y), m(b) = 3, m(c) = 1, so M = 5.
 *
 *   p(a) = (4 - 1/2 + 1/2 * 5 * 1/4) / 8 = 33 / 64;  p(b) = (3 - 3/2 + 5/8) / 8 = 17 / 64
 *   p(b | a) = (3 - 3/2 + 1/2 * (3 + 1) * 17/64) / 4 = 65 / 128
 */
const [a, b, c, d] = [0, 1, 2, 3] as const;
const byHand = {
  vocabularySize: 4,
  domains: [
    domainOf("abc", [
      [a, b, c],
      [a, b, c],
      [a, b, d],
    ]),
  ],
  targets: [targetOf("abc", [[a, b, c]])],
  seed: new Random("by hand"),
};
const config = NgramProxyConfig.parse({ discount: 0.5, repetition: "full" });

for (const create of [createNgramProxy, createNgramReference]) {
  const probability = async (targetTokens: number, settings: NgramProxyConfig) => {
    const proxy = create({ ...byHand, budget: { targetTokens, proxyTokens: null } }, settings);
    const { targets } = await proxy.evaluate([1]);
    return Math.exp(-targets[0]!.documentNats[0]!);
  };
  const assertProbability = async (targetTokens: number, settings: NgramProxyConfig, expected: number) => {
    const actual = await probability(targetTokens, settings);
    assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${actual} is not ${expected}`);
  };

  await test(`${create.name}: the case worked by hand, once through`, async () => {
    await assertProbability(9, { ...config, order: 1 }, (3 / 9) * (3 / 9) * (2 / 9));
    await assertProbability(9, { ...config, order: 2 }, (3 / 9) * (8 / 9) * (31 / 54));
    await assertProbability(9, { ...config, order: 3 }, (3 / 9) * (8 / 9) * (56 / 81));
  });

  await test(`${create.name}: reading everything twice teaches nothing new`, async () => {
    for (const repetition of ["once", "saturating", "full"] as const) {
      await assertProbability(18, { ...config, repetition }, (3 / 9) * (8 / 9) * (56 / 81));
    }
  });

  await test(`${create.name}: uneven repetition shifts weight, as worked by hand`, async () => {
    const proxy = create(
      {
        vocabularySize: 4,
        domains: [domainOf("X", [[a, b]]), domainOf("Y", [[a, c]])],
        targets: [targetOf("a b", [[a, b]])],
        seed: new Random(1),
        budget: { targetTokens: 8, proxyTokens: null },
      },
      { ...config, order: 2 },
    );
    const { targets, epochs } = await proxy.evaluate([0.75, 0.25]);
    assert.deepEqual(epochs, [3, 1]);
    const actual = Math.exp(-targets[0]!.documentNats[0]!);
    assert.ok(Math.abs(actual / ((33 / 64) * (65 / 128)) - 1) < 1e-12, `${actual}`);
  });

  await test(`${create.name}: no counts at all leave the uniform distribution`, async () => {
    const proxy = create(
      {
        vocabularySize: 4,
        domains: [domainOf("other", [[d, d]])],
        targets: [targetOf("empty context", [[c, c, c]])],
        seed: new Random(1),
        budget: { targetTokens: 2, proxyTokens: null },
      },
      config,
    );
    const { targets } = await proxy.evaluate([1]);
    // p(c) = 1/2 * 1 * 1/4 / 2 = 1/16 with d alone seen; c was never a context, so p(c | c) = p(c).
    assert.ok(Math.abs(targets[0]!.documentNats[0]! - 3 * Math.log(16)) < 1e-12);
  });
}

await test("probabilities of all continuations sum to 1", async () => {
  const everyTriple = [a, b, c, d].flatMap((x) =>
    [a, b, c, d].flatMap((y) => [a, b, c, d].map((z) => [x, y, z])),
  );
  for (const repetition of ["once", "saturating", "full"] as const) {
    const proxy = createNgramProxy(
      {
        ...byHand,
        domains: [...byHand.domains, domainOf("more", [[d, d, a, d, d], [b], [c, a]])],
        targets: [targetOf("all", everyTriple)],
        budget: { targetTokens: 25, proxyTokens: 20 },
      },
      { ...config, repetition },
    );
    const { targets } = await proxy.evaluate([0.3, 0.7]);
    const total = targets[0]!.documentNats.reduce((sum, nats) => sum + Math.exp(-nats), 0);
    assert.ok(Math.abs(total - 1) < 1e-12, `${repetition}: ${total}`);
  }
});

await test("contexts do not reach across documents", async () => {
  const [joined, apart] = await Promise.all(
    [[[a, b, c, a, b, c]], [[a], [b], [c], [a], [b], [c]]].map(async (documents) => {
      const input = { ...byHand, domains: [domainOf("one", documents)] };
      const proxy = createNgramProxy({ ...input, budget: { targetTokens: 6, proxyTokens: null } }, config);
      return (await proxy.evaluate([1])).targets[0]!.documentNats[0]!;
    }),
  );
  assert.ok(joined! < apart!);
  // All contexts are gone, so only unigrams are left: (2 - 1/2 + 1/2 * 3 * 1/4) / 6 for each token.
  assert.ok(Math.abs(apart! + 3 * Math.log((1.5 + 0.375) / 6)) < 1e-12);
});

await test("the identity holds every parameter that matters", () => {
  const saturating = NgramProxyConfig.parse({});
  assert.equal(
    ngramIdentity(saturating),
    "ngram/3 order=3 discount=0.75 repetition=saturating saturationEpochs=15",
  );
  assert.equal(
    ngramIdentity({ ...saturating, repetition: "once", saturationEpochs: 3 }),
    ngramIdentity({ ...saturating, repetition: "once" }),
  );
});

await test("tokens that do not fit are refused by name", () => {
  const budget = { targetTokens: 9, proxyTokens: null };
  const create = (change: object) => () => createNgramProxy({ ...byHand, budget, ...change }, config);
  assert.throws(
    create({ vocabularySize: 3 }),
    (error) =>
      error instanceof InputError &&
      error.message === "domain abc: token 3 at 8 should be below vocabularySize=3",
  );
  const cut = { ...byHand.domains[0]!, documentEnds: Uint32Array.of(3, 6) };
  assert.throws(create({ domains: [cut] }), /domain abc: last document ends at 6 of tokens=9/);
  const backwards = { ...byHand.domains[0]!, documentEnds: Uint32Array.of(6, 3, 9) };
  assert.throws(create({ domains: [backwards] }), /domain abc: document end 3 is before 6/);
  const sizes = { ...byHand.targets[0]!, documentBytes: new Uint32Array(2) };
  assert.throws(create({ targets: [sizes] }), /target abc: documentBytes=2 should be documentEnds=1/);
});
