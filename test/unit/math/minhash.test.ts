import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bandHashes, minHash, shingleHashes, wordHashes } from "../../../pipeline/math/minhash.ts";

/** FNV-1a and MurmurHash3's finaliser in Python, with arithmetic modulo 2^32. */
await test("hashes worked elsewhere", () => {
  const words = wordHashes("A, b");
  assert.deepEqual([...words], [0x1a80b1b3, 0x82c46232]);
  const shingles = shingleHashes(words, 2);
  assert.deepEqual([...shingles], [0x2f59dcdb]);
  assert.deepEqual([...minHash(shingles, 3)!], [0x737efa1e, 0xcadc3587, 0xa0a04bc7]);
});

const shingles = (text: string) => [...shingleHashes(wordHashes(text), 5)];

await test("shingles of words: their number, and one of all words of a short text", () => {
  assert.equal(shingles("a b c d e f g").length, 3);
  assert.equal(shingles("a b").length, 1);
  assert.deepEqual(shingles("A b, C-d e!"), shingles("a b c d e"));
  assert.deepEqual(shingles(" ... "), []);
  assert.equal(minHash(new Uint32Array(0), 4), undefined);
});

await test("signatures agree in about as many places as the shingles' Jaccard similarity", () => {
  const words = Array.from({ length: 600 }, (_, index) => `w${index}`);
  for (const shared of [0, 150, 300, 450, 599]) {
    const left = shingleHashes(wordHashes(words.join(" ")), 5);
    const right = shingleHashes(
      wordHashes([...words.slice(0, shared), ...words.slice(shared).map((w) => `${w}x`)].join(" ")),
      5,
    );
    const common = new Set(left);
    const both = [...new Set(right)].filter((shingle) => common.has(shingle)).length;
    const jaccard = both / new Set([...left, ...right]).size;
    const [a, b] = [minHash(left, 2000)!, minHash(right, 2000)!];
    const agreed = a.filter((value, row) => value === b[row]).length / a.length;
    // Four standard deviations of a binomial share of 2000.
    assert.ok(Math.abs(agreed - jaccard) < 0.045, `${agreed} for ${jaccard}`);
  }
});

await test("a band's hash is that of its rows and its place", () =>
  fc.assert(
    fc.property(fc.uint32Array({ minLength: 6, maxLength: 6 }), fc.nat(5), (signature, changed) => {
      const before = bandHashes(signature, 2);
      assert.equal(before.length, 6);
      const after = bandHashes(signature.with(changed, signature[changed]! ^ 1), 2);
      for (let band = 0; band < 3; band++) {
        const same = before[2 * band] === after[2 * band] && before[2 * band + 1] === after[2 * band + 1];
        assert.equal(same, band !== Math.floor(changed / 2));
      }
    }),
  ));
