import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { AutoTokenizer, env } from "@xenova/transformers";
import { InputError } from "../../../pipeline/core/errors.ts";
import { bpeTokenizer } from "../../../pipeline/tokenizer/bpe-tokenizer.ts";
import { createBpeEncoder } from "../../../pipeline/tokenizer/bpe-encoder.ts";
import { pretrainedTokenizer } from "../../../pipeline/tokenizer/pretrained-tokenizer.ts";
import { splitWords } from "../../../pipeline/tokenizer/split-words.ts";
import {
  formatTokenizerConfig,
  formatTokenizerJson,
  parseTokenizerJson,
} from "../../../pipeline/tokenizer/tokenizer-json.ts";
import { trainBpe } from "../../../pipeline/tokenizer/train-bpe.ts";
import { decode, vocabularySize } from "../../../pipeline/tokenizer/vocabulary.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const readme = await readFile("README.md", "utf8");
const counts = new Map<string, number>();
for (const word of splitWords(readme)) counts.set(word, (counts.get(word) ?? 0) + 1);
const vocabulary = trainBpe(counts, 1000);

await test("transformers.js loads the file and encodes as we do", () =>
  withTempDir(async (folder) => {
    await mkdir(join(folder, "tokenizer"));
    await writeFile(join(folder, "tokenizer", "tokenizer.json"), formatTokenizerJson(vocabulary));
    await writeFile(join(folder, "tokenizer", "tokenizer_config.json"), formatTokenizerConfig());
    env.localModelPath = folder;
    const theirs = await AutoTokenizer.from_pretrained("tokenizer", { local_files_only: true });
    const encode = createBpeEncoder(vocabulary);
    const texts = [
      ...readme.split("\n\n"),
      " two  spaces\tand\r\n\r\nlines ",
      "naïve café, 中文字符, emoji 👩‍👩‍👧 and e\u0301; 12 345.67 it's they'LL",
      "\u0000\u0001\u00ad\u00a0",
      "x".repeat(3000),
      "",
    ];
    for (const text of texts) {
      const ids = encode(text);
      assert.deepEqual(theirs.encode(text), ids, text);
      assert.equal(decode(vocabulary, ids), text);
      if (ids.length > 0) assert.equal(theirs.decode(ids), text);
    }
    assert.deepEqual(theirs.encode("<|endoftext|>"), [0]);
    assert.ok(!encode("<|endoftext|>").includes(0), "in a document it is text");
    assert.equal(vocabularySize(vocabulary), 1000);
  }));

await test("a pretrained tokenizer is any folder transformers.js loads; names of special tokens are text", () =>
  withTempDir(async (folder) => {
    await writeFile(join(folder, "tokenizer.json"), formatTokenizerJson(vocabulary));
    await assert.rejects(pretrainedTokenizer(folder), /cannot be loaded/);
    await writeFile(join(folder, "tokenizer_config.json"), `{ "tokenizer_class": "PreTrainedTokenizer" }`);
    await assert.rejects(pretrainedTokenizer(folder), /names no eos_token/);
    await writeFile(join(folder, "tokenizer_config.json"), formatTokenizerConfig());
    const theirs = await pretrainedTokenizer(folder);
    const ours = bpeTokenizer(vocabulary);
    assert.equal(theirs.vocabularySize, ours.vocabularySize);
    assert.equal(theirs.endOfDocument, ours.endOfDocument);
    assert.deepEqual(theirs.encode("a plain text"), ours.encode("a plain text"));
    const named = theirs.encode("before<|endoftext|>after <|endoftext|>");
    assert.ok(!Array.from(named).includes(ours.endOfDocument));
    assert.equal(decode(vocabulary, Array.from(named)), "before<|endoftext|>after <|endoftext|>");
  }));

await test("the file is read back, and nothing else is", () => {
  const text = formatTokenizerJson(vocabulary);
  assert.deepEqual(parseTokenizerJson(text, "tokenizer.json"), vocabulary);
  const broken = [text.slice(0, -20), text.replace('"unk_token": null', '"unk_token": "?"'), "{}"];
  for (const wrong of broken) {
    assert.throws(() => parseTokenizerJson(wrong, "here/tokenizer.json"), InputError);
  }
});
