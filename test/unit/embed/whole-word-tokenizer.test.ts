import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { glob } from "tinyglobby";
import { InputError } from "../../../pipeline/core/errors.ts";
import { importTransformers } from "../../../pipeline/embed/import-transformers.ts";
import { loadTokenizer } from "../../../pipeline/embed/load-tokenizer.ts";
import { wordVectorsFolder } from "../../../pipeline/embed/model-files.ts";
import { embedSettings } from "../../../pipeline/embed/settings.ts";
import { wholeWords, WholeWordTokenizer } from "../../../pipeline/embed/whole-word-tokenizer.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { writeTinyBert } from "../../conformance/embedder-tiny-bert.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const folder = wordVectorsFolder();
const fast = await WholeWordTokenizer.read(join(folder, "tokenizer.json"));
const reference = await loadTokenizer(
  folder,
  100_000,
  embedSettings(EmbedConfig.parse({ maxTokens: 100_000 })),
);

/** The library's tokenizer taken apart, to see the words themselves: most are unknown and so share one id. */
interface Splitter {
  normalizer(text: string): string;
  pre_tokenizer(text: string): string[];
}
const { AutoTokenizer } = await importTransformers();
const library = await AutoTokenizer.from_pretrained(basename(folder), { local_files_only: true });
const splitter = library as unknown as Splitter;

function assertEqualToReference(text: string): void {
  assert.deepEqual(wholeWords(text), splitter.pre_tokenizer(splitter.normalizer(text)));
  assert.deepEqual([...fast.encode(text, 100_000)], [...(reference(text)[0] ?? [])], JSON.stringify(text));
}

await test("words and single marks, in lower case and without accents", () => {
  assert.deepEqual(wholeWords("Don't stop: it's 3.5%!"), "don ' t stop : it ' s 3 . 5 % !".split(" "));
  assert.deepEqual(wholeWords("Café NAÏVE Ångström"), ["cafe", "naive", "angstrom"]);
  assert.deepEqual(wholeWords("“quoted” – dash"), ["“", "quoted", "”", "–", "dash"]);
  assert.deepEqual(wholeWords("中文字 and 日本"), ["中", "文", "字", "and", "日", "本"]);
  assert.deepEqual(
    wholeWords("zero\u200Bwidth\u0000 so\u00ADft a\u00A0b\u3000c\r\nd"),
    "zerowidth soft a b c d".split(" "),
  );
  assert.deepEqual(wholeWords(""), []);
  assert.deepEqual(wholeWords(" \t\n"), []);
});

await test("a word is known as a whole or not at all", () => {
  const tokenizer = new WholeWordTokenizer({ "[UNK]": 0, the: 1, cat: 2, ".": 3 }, "[UNK]");
  assert.deepEqual(
    [...tokenizer.encode("The cat. Cats? the-cat constructor", 100)],
    [1, 2, 3, 0, 0, 1, 0, 2, 0],
  );
  assert.deepEqual([...tokenizer.encode("the cat the cat", 3)], [1, 2, 1]);
  assert.equal(tokenizer.size, 4);
});

await test("equal to the library's tokenizer on documents", async () => {
  const files = await glob(["README.md", "CHANGELOG.md", "*.md"].map((name) => `node_modules/*/${name}`));
  assert.ok(files.length > 20, `${files.length} files`);
  for (const file of files.sort()) assertEqualToReference((await readFile(file, "utf8")).slice(0, 5000));
});

await test("equal to the library's tokenizer on hard cases", () => {
  const cases = [
    "[UNK] [PAD] ##ing [CLS]",
    "İstanbul ΟΔΥΣΣΕΥΣ ΣΑΣ. ﬁne Ǆ ẞ",
    "\u1FEF\u037E\u2028\u2029\u0085\uFEFFa\u00ADb\vc\fd",
    "\uD800a\uDC00 \uD83D\u200D\uDE42 👩‍👩‍👧",
    "가각힣 豈更 𠀀𠀁 か\u3099",
    "a\u0301\u0302e\u0308 \u0301start",
    `${"x".repeat(101)} ${"é".repeat(300)} the${"!".repeat(50)}`,
    "__proto__ constructor toString hasOwnProperty",
    "$10 + 5% = ~x^2 <b>`code`</b> |a|",
  ];
  for (const text of cases) assertEqualToReference(text);
});

await test("equal to the library's tokenizer on any text", () => {
  const junk = fc.array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.string({ unit: "grapheme", maxLength: 8 }),
      // Code units, lone surrogates among them.
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom("the", "Cat", " ", "\n", "'", "…", "é", "中"),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(junk, (parts) => assertEqualToReference(parts.join(""))),
    { numRuns: 500 },
  );
});

await test("another kind of tokenizer is refused, with its path", async () => {
  await withTempDir(async (dir) => {
    await writeTinyBert(dir);
    const path = join(dir, "tokenizer.json");
    await assert.rejects(WholeWordTokenizer.read(path), (error: unknown) => {
      return (
        error instanceof InputError &&
        error.message.includes(path) &&
        error.hint.includes("build-word-vectors")
      );
    });
  });
});
