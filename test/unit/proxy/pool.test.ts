import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { poolStart, streamDocuments } from "../../../pipeline/proxy/pool.ts";
import { domainOf } from "./tiny-corpus.ts";

const documents = Array.from({ length: 30 }, (_, d) => Array.from({ length: d % 4 }, (_, i) => d * 10 + i));
const domain = domainOf("numbers", documents);
const filled = documents.filter((document) => document.length > 0);

await test("a whole stream holds every document once, in stored order from where the seed says", () => {
  for (let seed = 0; seed < 40; seed++) {
    const { tokens, documentStarts } = streamDocuments(domain, domain.tokens.length, new Random(seed));
    const pieces = documentStarts.map((start, d) => [...tokens.subarray(start, documentStarts[d + 1])]);
    const first = filled.findIndex((document) => document[0] === pieces[0]![0]);
    assert.deepEqual(pieces, [...filled.slice(first), ...filled.slice(0, first)]);
  }
});

await test("shorter streams are prefixes of longer ones", () => {
  for (let seed = 0; seed < 10; seed++) {
    const whole = streamDocuments(domain, domain.tokens.length, new Random(seed));
    for (const length of [0, 1, 7, 20]) {
      const { tokens, documentStarts } = streamDocuments(domain, length, new Random(seed));
      assert.deepEqual(tokens, whole.tokens.slice(0, length));
      assert.deepEqual(
        documentStarts,
        whole.documentStarts.filter((start) => start < length),
      );
    }
  }
});

await test("the start depends on seed and domain, not on what was drawn from the seed", () => {
  const seed = new Random(1);
  const first = poolStart(domain, seed);
  seed.uint32();
  assert.equal(poolStart(domain, seed), first);
  const starts = new Set(Array.from({ length: 200 }, (_, s) => poolStart(domain, new Random(s))));
  assert.ok(starts.size > 20, "every document's turn comes");
  const others = Array.from({ length: 20 }, (_, k) => poolStart({ ...domain, id: `other ${k}` }, seed));
  assert.ok(new Set(others).size > 5, "domains start at documents of their own");
});

await test("a domain without tokens has an empty stream", () => {
  for (const empty of [domainOf("none", []), domainOf("blank", [[], []])]) {
    const { tokens, documentStarts } = streamDocuments(empty, 0, new Random(1));
    assert.deepEqual([tokens.length, documentStarts], [0, []]);
  }
});
