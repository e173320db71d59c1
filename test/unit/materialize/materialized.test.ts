import assert from "node:assert/strict";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { endOfDocument, tokenBytes } from "../../../pipeline/materialize/formats.ts";
import { countItems, sumShards } from "../../../pipeline/materialize/materialized.ts";

await test("items are counted by domain", () => {
  const items = { rows: Uint32Array.of(2, 0, 2), tokens: Uint32Array.of(30, 10, 7) };
  assert.deepEqual(countItems(items, Int32Array.of(1, -1, 0), ["b", "a"]), {
    documents: 3,
    tokens: 47,
    domains: { a: { documents: 1, tokens: 10 }, b: { documents: 2, tokens: 37 } },
  });
});

await test("shares, epochs and the largest deviation follow from the shards", () => {
  const shards = [
    { documents: 2, tokens: 50, domains: { a: { documents: 2, tokens: 50 } } },
    {
      documents: 2,
      tokens: 50,
      domains: { a: { documents: 1, tokens: 25 }, b: { documents: 1, tokens: 25 } },
    },
  ];
  const domains = [
    { id: "a", weight: 0.8, budgetTokens: 80, corpusTokens: 25 },
    { id: "b", weight: 0.2, budgetTokens: 20, corpusTokens: 50 },
    { id: "c", weight: 0, budgetTokens: 0, corpusTokens: 9 },
  ];
  const sums = sumShards(domains, shards, "mixture");
  assert.deepEqual(
    sums.domains.map(({ id, share, epochs, documents }) => [id, share, epochs, documents]),
    [
      ["a", 0.75, 3, 3],
      ["b", 0.25, 0.5, 1],
      ["c", 0, 0, 0],
    ],
  );
  assert.equal(sums.tokens, 100);
  assert(Math.abs(sums.largestRelativeDeviation - 0.25) < 1e-12); // b: (0.25 - 0.2) / 0.2
  assert.equal(sumShards(domains, shards, "by-domain").largestRelativeDeviation, 0);
  assert.throws(() => sumShards(domains.slice(0, 1), shards, "mixture"), InputError);
});

await test("the end-of-document token is its vocabulary's <|endoftext|>, which no text encodes to", async () => {
  const encodings = {
    gpt2: await import("gpt-tokenizer/encoding/r50k_base"),
    cl100k_base: await import("gpt-tokenizer/encoding/cl100k_base"),
    o200k_base: await import("gpt-tokenizer/encoding/o200k_base"),
  };
  const special = { allowedSpecial: new Set(["<|endoftext|>"]) };
  for (const [name, { encode }] of Object.entries(encodings)) {
    const end = endOfDocument[name as keyof typeof endOfDocument];
    assert.deepEqual(encode("<|endoftext|>", special), [end], name);
    assert(!encode("a <|endoftext|> b", { disallowedSpecial: new Set() }).includes(end), name);
  }
});

await test("token ids have the width their readers expect", () => {
  assert.equal(tokenBytes("megatron", 50_257), 2);
  assert.equal(tokenBytes("megatron", 65_499), 2);
  assert.equal(tokenBytes("megatron", 65_500), 4);
  assert.equal(tokenBytes("npy", 100_277), 4);
  assert.equal(tokenBytes("mds", 50_257), 4);
});
