import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../pipeline/math/random.ts";
import { domainSize } from "../../pipeline/proxy/pool.ts";
import {
  bitsPerByte,
  type Proxy,
  type ProxyDomain,
  type ProxyInput,
  type ProxyTarget,
} from "../../pipeline/proxy/proxy.ts";
import { accuracy } from "../../pipeline/proxy/questions.ts";
import { planTokens, type SequenceShape } from "../../pipeline/proxy/token-plan.ts";
import { domainOf, targetOf } from "../unit/proxy/tiny-corpus.ts";

/** Words, and the token that ends a document. */
const words = 40;
const endOfDocument = 40;

/** Documents of a made-up language: each token is followed by one of two others, which ones is up to the language. */
function write(language: number, documents: number, name: string): number[][] {
  const random = new Random(`${name} in language ${language}`);
  return Array.from({ length: documents }, () => goOn(language, random.below(words), 60, random));
}

function goOn(language: number, from: number, tokens: number, random: Random): number[] {
  let token = from;
  return Array.from({ length: tokens }, () => {
    token = (token * (language + 2) + language + (random.uniform() < 0.8 ? 1 : 7)) % words;
    return token;
  });
}

/** How texts in the first language go on: in that language, which is right, or in another. */
function askQuestions(count: number): ProxyTarget {
  const random = new Random("questions");
  const answers = write(0, count, "questions").flatMap((text) => {
    const given = text.slice(0, 40);
    return [text, [...given, ...goOn(1, given.at(-1)!, 20, random)]];
  });
  return {
    ...targetOf("quiz", answers),
    contextTokens: new Uint32Array(2 * count).fill(40),
    questions: Uint32Array.from(answers, (_, d) => d >> 1),
  };
}

/** A domain of documents, each after the token that ends the one before. */
function domainOfText(id: string, documents: readonly (readonly number[])[]): ProxyDomain {
  return domainOf(
    id,
    documents.map((document) => [endOfDocument, ...document]),
  );
}

const targetText = write(0, 10, "target");
const near = domainOfText("near", write(0, 80, "near"));
const far = domainOfText("far", write(1, 80, "far"));
const other = domainOfText("other", write(2, 80, "other"));
const target = targetOf("target", targetText);
const input: ProxyInput = {
  vocabularySize: words + 1,
  endOfDocument,
  domains: [near, far, other],
  targets: [target, targetOf("second", write(2, 4, "second"))],
  budget: { targetTokens: 2000, proxyTokens: null },
  seed: new Random("conformance"),
};

async function measure(proxy: Proxy, weights: readonly number[]): Promise<number> {
  const { targets } = await proxy.evaluate(weights);
  return bitsPerByte(targets[0]!.documentNats, target.documentBytes);
}

/**
 * What every proxy owes the search, whatever model it trains.
 *
 * @param sequences Of proxies that train step by step: what a step reads.
 * @param budgetTokens Enough for the proxy to tell the languages apart.
 */
export async function proxySuite(
  name: string,
  create: (input: ProxyInput) => Proxy,
  { sequences, budgetTokens = 2000 }: { sequences?: SequenceShape; budgetTokens?: number } = {},
): Promise<void> {
  const base: ProxyInput = { ...input, budget: { targetTokens: budgetTokens, proxyTokens: null } };
  await test(`proxy ${name}`, async (t) => {
    await t.test("is deterministic, whatever was evaluated before", async () => {
      const used = create(base);
      await used.evaluate([0, 0.5, 0.5]);
      const weights = [0.2, 0.3, 0.5];
      assert.deepEqual(await used.evaluate(weights), await create(base).evaluate(weights));
      assert.equal(used.identity, create(base).identity);
      assert.notEqual(used.identity, "");
    });

    await t.test("reports each document of each target, finite and positive", async () => {
      const { targets } = await create(base).evaluate([0.2, 0.3, 0.5]);
      assert.deepEqual(
        targets.map(({ name, documentNats }) => [name, documentNats.length]),
        [
          ["target", 10],
          ["second", 4],
        ],
      );
      for (const { documentNats } of targets) {
        assert.ok(documentNats.every((nats) => nats > 0 && nats < Infinity));
      }
    });

    await t.test("predicts of each document what is not given", async () => {
      const given = [0, 30, 59, 60].map((tokens) => new Uint32Array(10).fill(tokens));
      const targets = given.map((contextTokens, g) => ({ ...target, name: `given ${g}`, contextTokens }));
      const found = (await create({ ...base, targets }).evaluate([1, 0, 0])).targets;
      const [all, half, last, none] = found.map(({ documentNats }) => documentNats);
      all!.forEach((nats, d) => {
        assert.ok(nats > half![d]! && half![d]! > last![d]! && last![d]! > 0 && none![d] === 0);
      });
    });

    await t.test("answers questions by the language it has read", async () => {
      const quiz = askQuestions(10);
      const proxy = create({ ...base, targets: [quiz] });
      const score = async (weights: number[]) =>
        accuracy(quiz, (await proxy.evaluate(weights)).targets[0]!.documentNats)!;
      const [right, wrong] = [await score([1, 0, 0]), await score([0, 1, 0])];
      assert.ok(right >= 0.8 && wrong <= 0.2, `${right} and ${wrong} of the questions`);
    });

    await t.test("draws its budget, in proportion to the weights", async () => {
      const weights = [0.1234, 0.8766, 0];
      const plan = planTokens(weights, base.domains.map(domainSize), base.budget, sequences);
      const { drawnTokens, epochs } = await create(base).evaluate(weights);
      assert.deepEqual({ drawnTokens, epochs }, { drawnTokens: plan.drawnTokens, epochs: plan.epochs });
      const batch = (sequences?.contextTokens ?? 1) * (sequences?.batchSequences ?? 1);
      const total = drawnTokens.reduce((sum, drawn) => sum + drawn, 0);
      assert.ok(total <= budgetTokens && total > budgetTokens - batch, `${total}`);
      weights.forEach((weight, k) => assert.ok(Math.abs(drawnTokens[k]! / total - weight) < 0.01));
    });

    await t.test("a domain of zero weight does not matter", async () => {
      const without = await create({ ...base, domains: [near, far] }).evaluate([0.4, 0.6]);
      const { targets } = await create(base).evaluate([0.4, 0.6, 0]);
      assert.deepEqual(targets, without.targets);
      const changed = { ...base, domains: [near, far, domainOfText("other", [[1]])] };
      assert.deepEqual((await create(changed).evaluate([0.4, 0.6, 0])).targets, without.targets);
    });

    await t.test("the target's own text is the best domain, its own language the next best", async () => {
      const itself = domainOfText("itself", [...targetText, ...targetText, ...targetText, ...targetText]);
      const proxy = create({ ...base, domains: [itself, near, far] });
      const [own, language, foreign] = [
        await measure(proxy, [1, 0, 0]),
        await measure(proxy, [0, 1, 0]),
        await measure(proxy, [0, 0, 1]),
      ];
      assert.ok(own < language && language < foreign, `${own} < ${language} < ${foreign}`);
    });

    await t.test("more tokens of a relevant domain do not hurt", async () => {
      const losses: number[] = [];
      for (const targetTokens of [1 / 4, 1 / 2, 1, 2].map((share) => share * budgetTokens)) {
        const proxy = create({ ...base, budget: { targetTokens, proxyTokens: null } });
        losses.push(await measure(proxy, [1, 0, 0]));
      }
      // Two samples of one language differ by a little luck.
      losses.slice(1).forEach((loss, i) => assert.ok(loss <= losses[i]! + 0.01, losses.join(" ")));
      assert.ok(losses.at(-1)! < losses[0]! - 0.03, losses.join(" "));
    });

    await t.test("an aborted signal rejects with its reason", async () => {
      const reason = new Error("asked to stop");
      await assert.rejects(create(base).evaluate([1, 0, 0], AbortSignal.abort(reason)), reason);
    });

    await t.test("weight on a domain without tokens is refused by name", async () => {
      const proxy = create({ ...base, domains: [near, domainOfText("nothing", [])] });
      await assert.rejects(proxy.evaluate([0.5, 0.5]), /domain nothing has weight 0.5/);
    });
  });
}
