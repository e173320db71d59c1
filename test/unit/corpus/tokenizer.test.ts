import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { loadTokenDecoder } from "../../../pipeline/corpus/token-text.ts";
import { loadTokenizer, tokenizerSha256 } from "../../../pipeline/corpus/tokenizer.ts";

await test("ids are those of GPT-2", async () => {
  const { encode, vocabularySize } = await loadTokenizer("gpt2");
  // The ids OpenAI's encoder.py and its descendants give.
  assert.deepEqual(encode("Hello world"), [15496, 995]);
  assert.deepEqual(
    encode("The quick brown fox jumps over the lazy dog"),
    [464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290],
  );
  assert.deepEqual(encode(""), []);
  assert.equal(vocabularySize, 50_257);
});

await test("the names of special tokens are plain text", async () => {
  const { encode } = await loadTokenizer("gpt2");
  // < | end of text | >, and not 50256
  assert.deepEqual(encode("<|endoftext|>"), [27, 91, 437, 1659, 5239, 91, 29]);
});

await test("the other encodings", async () => {
  // The ids and n_vocab that tiktoken gives.
  const cl100k = await loadTokenizer("cl100k_base");
  assert.deepEqual([cl100k.encode("hello world"), cl100k.vocabularySize], [[15339, 1917], 100_277]);
  const o200k = await loadTokenizer("o200k_base");
  assert.deepEqual([o200k.encode("hello world"), o200k.vocabularySize], [[24912, 2375], 200_019]);
});

await test("no text is lost, whatever it is", async () => {
  const { encode, vocabularySize } = await loadTokenizer("gpt2");
  const decode = await loadTokenDecoder();
  const odd = fc.constantFrom("\uFEFF", " ", "\n", "\t", "'s", "<|endoftext|>", "\u0000", "\u2028", "é");
  const text = fc
    .array(fc.oneof(fc.string({ unit: "grapheme" }), odd), { maxLength: 12 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (text) => {
      const ids = encode(text);
      assert.equal(decode(ids), text);
      assert.ok(ids.every((id) => id < vocabularySize));
    }),
  );
});

await test("ids are decoded one text by another, whatever came before", async () => {
  const decode = await loadTokenDecoder();
  // The first byte of é (C3 A9), which is token 127 of GPT-2; its second is 102.
  assert.equal(decode([64, 127]), "a\uFFFD");
  assert.equal(decode([64]), "a");
  assert.equal(decode([50_256, 64, 127, 102, 50_256]), "aé");
  assert.equal(decode([171, 119, 123, 64]), "\uFEFFa");
  assert.equal(decode([64, 50_257]), undefined);
});

await test("a run of a million characters is cut, so that it ends in time", async () => {
  const { encode } = await loadTokenizer("gpt2");
  const decode = await loadTokenDecoder();
  for (const unit of ["=", " ", "ab"]) {
    const run = unit.repeat(1_000_000 / unit.length);
    const started = performance.now();
    assert.equal(decode(encode(run)), run);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds < 10, `${seconds} s for a run of '${unit}'`);
  }
});

await test("the named vocabularies are those that OpenAI publishes as <name>.tiktoken", async () => {
  const files = { gpt2: "r50k_base", cl100k_base: "cl100k_base", o200k_base: "o200k_base" } as const;
  for (const [name, file] of Object.entries(files) as [keyof typeof files, string][]) {
    const path = import.meta.resolve(`gpt-tokenizer/encoding/${file}`).replace("/encoding/", "/bpeRanks/");
    // Texts, or bytes where these are no UTF-8, by their rank.
    const { default: ranks } = (await import(path)) as { default: readonly (string | readonly number[])[] };
    const lines = Array.from(ranks, (token, rank) =>
      token === undefined ? "" : `${Buffer.from(token as string).toString("base64")} ${rank}\n`,
    );
    const sha256 = createHash("sha256").update(lines.join("")).digest("hex");
    assert.equal(tokenizerSha256(name), sha256);
  }
});
