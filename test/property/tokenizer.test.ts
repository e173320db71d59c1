import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { createBpeEncoder } from "../../pipeline/tokenizer/bpe-encoder.ts";
import { encodeWordPlainly, trainBpePlainly } from "../../pipeline/tokenizer/bpe-reference.ts";
import { splitWords } from "../../pipeline/tokenizer/split-words.ts";
import { trainBpe } from "../../pipeline/tokenizer/train-bpe.ts";
import { decode, vocabularySize } from "../../pipeline/tokenizer/vocabulary.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "é", " "), minLength: 1, maxLength: 12 });
const wordCounts = fc
  .array(fc.tuple(word, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 12 })
  .map((entries) => new Map(entries));
const text = fc.string({ unit: "binary", maxLength: 40 });

await test("training equals counting anew for every merge", () => {
  fc.assert(
    fc.property(wordCounts, fc.integer({ min: 257, max: 290 }), (counts, size) => {
      assert.deepEqual(trainBpe(counts, size), trainBpePlainly(counts, size));
    }),
    { numRuns: 300 },
  );
});

await test("encoding equals applying every merge in turn, and decodes to the text", () => {
  fc.assert(
    fc.property(
      wordCounts,
      fc.oneof(
        text,
        fc.array(word).map((words) => words.join("")),
      ),
      (counts, text) => {
        const vocabulary = trainBpe(counts, 280);
        const ids = createBpeEncoder(vocabulary)(text);
        assert.deepEqual(
          ids,
          splitWords(text).flatMap((word) => encodeWordPlainly(vocabulary, word)),
        );
        assert.equal(decode(vocabulary, ids), Buffer.from(text).toString());
        assert.ok(ids.every((id) => id > 0 && id < vocabularySize(vocabulary)));
      },
    ),
    { numRuns: 300 },
  );
});
