import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { addFollowerWeights, indexFollowers } from "../../../pipeline/proxy/ngram/followers.ts";
import { NgramTable } from "../../../pipeline/proxy/ngram/ngram-table.ts";
import { addCounts, indexOccurrences } from "../../../pipeline/proxy/ngram/occurrences.ts";
import { collectTargetNgrams } from "../../../pipeline/proxy/ngram/target-ngrams.ts";
import { targetOf } from "./tiny-corpus.ts";

await test("the table numbers n-grams in the order they come, and finds only those", () => {
  const table = new NgramTable(3);
  assert.deepEqual([table.add(0, 5), table.add(1, 5), table.add(0, 5), table.add(0, 6)], [0, 1, 0, 2]);
  assert.equal(table.size, 3);
  assert.equal(table.find(1, 5), 1);
  assert.equal(table.find(1, 6), -1);
});

await test("the table agrees with a Map on many n-grams", () => {
  const random = new Random("table");
  const table = new NgramTable(5000);
  const map = new Map<string, number>();
  for (let i = 0; i < 5000; i++) {
    const [context, token] = [random.below(200), random.below(200_000)];
    const known = map.get(`${context} ${token}`) ?? map.size;
    map.set(`${context} ${token}`, known);
    assert.equal(table.add(context, token), known);
  }
  for (const [key, id] of map) {
    const [context, token] = key.split(" ").map(Number);
    assert.equal(table.find(context!, token!), id);
  }
});

await test("target n-grams of a small text, by hand", () => {
  const { levels, targets } = collectTargetNgrams([targetOf("t", [[7, 8, 7, 8], [8]])], 3);
  // Unigrams 7, 8; bigrams 7-8, 8-7; trigrams 7-8-7, 8-7-8.
  assert.deepEqual(
    levels.map(({ table, contextCount }) => [table.size, contextCount]),
    [
      [2, 1],
      [2, 2],
      [2, 2],
    ],
  );
  assert.deepEqual([...levels[1]!.contexts], [0, 1]);
  assert.deepEqual([...levels[1]!.suffixes], [1, 0]);
  assert.deepEqual([...levels[2]!.contexts], [0, 1]);
  assert.deepEqual([...levels[2]!.suffixes], [1, 0]);
  assert.deepEqual([...targets[0]!.orders], [1, 2, 3, 3, 1]);
  assert.deepEqual([...targets[0]!.ids], [0, 0, 0, 1, 1]);
});

await test("occurrences are counted in any prefix", () => {
  const occurrences = indexOccurrences(Int32Array.of(2, 0, -1, 2, 2, 0), 4);
  assert.deepEqual([...occurrences.labels], [0, 2]);
  assert.deepEqual([...occurrences.positions], [1, 5, 0, 3, 4]);
  const count = (prefix: number) => {
    const counts = new Float64Array(4);
    addCounts(occurrences, prefix, 1.5, counts);
    return [...counts];
  };
  assert.deepEqual(count(0), [0, 0, 0, 0]);
  assert.deepEqual(count(4), [1.5, 0, 3, 0]);
  assert.deepEqual(count(6), [3, 0, 4.5, 0]);
});

await test("distinct followers of one context in any prefixes of two domains", () => {
  const streams = [Uint16Array.of(5, 6, 5, 7), Uint16Array.of(6, 8)];
  const contexts = streams.map((stream) => indexOccurrences(new Int32Array(stream.length), 1));
  const followers = indexFollowers(contexts, streams, 1, 9);
  assert.equal(followers.sharedPairs, 1, "token 6 is the only one in both");
  const weigh = (prefixes: number[], perToken: number[], order: number[]) => {
    const weights = new Float64Array(1);
    addFollowerWeights(followers, prefixes, perToken, order, weights);
    return weights[0];
  };
  const distinct = (...prefixes: number[]) => weigh(prefixes, [1, 1], [0, 1]);
  assert.equal(distinct(0, 0), 0);
  assert.equal(distinct(1, 1), 2);
  assert.equal(distinct(3, 1), 2);
  assert.equal(distinct(4, 0), 3);
  assert.equal(distinct(4, 2), 4);
  // Read three times and twice: 5 and 7 weigh 3, 8 weighs 2, and 6, in both, what it weighs where it weighs least.
  assert.equal(weigh([4, 2], [3, 2], [1, 0]), 3 + 3 + 2 + 2);
});
