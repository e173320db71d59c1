import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { streamDocuments } from "../../../pipeline/proxy/document-order.ts";
import { domainOf } from "./tiny-corpus.ts";

const documents = Array.from({ length: 30 }, (_, d) => Array.from({ length: d % 4 }, (_, i) => d * 10 + i));
const domain = domainOf("numbers", documents);

function stream(seed: Random, id = domain.id): Uint16Array | Uint32Array {
  return streamDocuments({ ...domain, id }, domain.tokens.length, seed).tokens;
}

await test("a whole stream holds every document once, in one piece", () => {
  const { tokens, documentStarts } = streamDocuments(domain, domain.tokens.length, new Random(1));
  const pieces = documentStarts.map((start, d) => [...tokens.subarray(start, documentStarts[d + 1])]);
  const inOrder = pieces.toSorted((left, right) => left[0]! - right[0]!);
  assert.deepEqual(
    inOrder,
    documents.filter((document) => document.length > 0),
  );
  assert.notDeepEqual(pieces, inOrder, "the order is shuffled");
});

await test("shorter streams are prefixes of longer ones", () => {
  const whole = streamDocuments(domain, domain.tokens.length, new Random(1));
  for (const length of [0, 1, 7, 20]) {
    const { tokens, documentStarts } = streamDocuments(domain, length, new Random(1));
    assert.deepEqual(tokens, whole.tokens.slice(0, length));
    assert.deepEqual(
      documentStarts,
      whole.documentStarts.filter((start) => start < length),
    );
  }
});

await test("the order depends on seed and domain, not on what was drawn from the seed", () => {
  const seed = new Random(1);
  const first = stream(seed);
  seed.uint32();
  assert.deepEqual(stream(seed), first);
  assert.notDeepEqual(stream(new Random(2)), first);
  assert.notDeepEqual(stream(seed, "others"), first);
});
