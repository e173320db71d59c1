import assert from "node:assert/strict";
import test from "node:test";
import { domainNames, TermCounter } from "../../../pipeline/domains/names.ts";

function keywordsOf(texts: readonly string[], count: number, maxTerms?: number): string[][] {
  const counter = new TermCounter(texts.length, maxTerms === undefined ? {} : { maxTerms });
  texts.forEach((text, domain) => counter.add(domain, text));
  return counter.keywords(count);
}

await test("c-TF-IDF (by hand)", () => {
  // Domain 0: 6 words, domain 1: 2; A = 4. f: star 2, year 3 + 1 = 4, moon 1, rain 1.
  // star 2 log(1 + 4/2) = 2.197, year 3 log(1 + 4/4) = 2.079, moon 1 log(1 + 4/1) = 1.609.
  const texts = ["star year moon year star year", "rain year"];
  assert.deepEqual(keywordsOf(texts, 8), [
    ["star", "year", "moon"],
    ["rain", "year"],
  ]);
  assert.deepEqual(keywordsOf(texts, 1), [["star"], ["rain"]]);
});

/**
 * numpy 2.4.6, columns cell, gene, trial:
 *
 *     counts = np.array([[9, 4, 6], [1, 0, 30], [0, 1, 14]])
 *     counts / counts.sum(1, keepdims=True) * np.log(1 + counts.sum() / 3 / counts.sum(0))
 *     # [[.546 .352 .114], [.037 0 .348], [0 .112 .336]]; by count alone trial would come before gene in row 0
 */
await test("the order of BERTopic's formula", () => {
  const counts = [
    { cell: 9, gene: 4, trial: 6 },
    { cell: 1, gene: 0, trial: 30 },
    { cell: 0, gene: 1, trial: 14 },
  ];
  const texts = counts.map((row) =>
    Object.entries(row)
      .map(([word, count]) => `${word} `.repeat(count))
      .join(""),
  );
  assert.deepEqual(keywordsOf(texts, 8), [
    ["cell", "gene", "trial"],
    ["trial", "cell"],
    ["trial", "gene"],
  ]);
});

await test("stop words, short words, contractions and plurals are left out", () => {
  const text = "The dog's tail isn't it's dogs DOG by an ox 1984 dog café O'Brien cafés";
  assert.deepEqual(keywordsOf([text], 8), [["dog", "café", "tail"]]);
  assert.deepEqual(keywordsOf(["class classes bus"], 8), [["bus", "class", "classes"]]);
});

await test("rare terms are dropped to keep memory bounded; keywords survive", () => {
  const counter = new TermCounter(2, { maxTerms: 100 });
  const letters = "abcdefghijklmnopqrstuvwxyz";
  for (let i = 0; i < 2000; i++) {
    const noise = `q${letters[i % 26]}${letters[Math.floor(i / 26) % 26]}${letters[Math.floor(i / 676)]}`;
    counter.add(0, `${noise} planet orbit planet`);
    counter.add(1, `${noise} sonata`);
  }
  const [first, second] = counter.keywords(2);
  assert.deepEqual(first, ["planet", "orbit"]);
  assert.equal(second![0], "sonata");
  assert.ok(counter.lostAtMost > 0 && counter.lostAtMost < 200, `${counter.lostAtMost}`);
});

await test("a domain that does not exist is an error", () => {
  assert.throws(() => new TermCounter(2).add(2, "text"), /domain=2 should be < domains=2/);
});

await test("names are unique: more keywords first, then a number", () => {
  assert.deepEqual(
    domainNames([
      ["a", "b", "c", "d"],
      ["a", "b", "c", "e"],
      ["a", "b", "c"],
      ["a", "b", "c"],
      [],
      [],
      ["x"],
    ]),
    ["a / b / c", "a / b / c / e", "a / b / c (2)", "a / b / c (3)", "unnamed", "unnamed (2)", "x"],
  );
});
