import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { openFastText } from "../../../pipeline/domains/fasttext.ts";
import { recipeText } from "../../../pipeline/domains/recipe-text.ts";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { withTempDir } from "../../support/temp-dir.ts";

/**
 * Python 3, with re and str as NVIDIA's 3_prune.py uses them:
 *
 *     text = re.sub(r"([.\!?,\'/()])", r" \1 ", text.replace("\n", "<newline>"))
 *     ascii(" ".join(text.lower().split()))
 */
await test("text is prepared as the recipe does", () => {
  const prepared: [string, string][] = [
    [
      "Hello, World!\nIt's (nearly) 3/4 done.\n\nBye",
      "hello , world ! <newline>it ' s ( nearly ) 3 / 4 done . <newline><newline>bye",
    ],
    ["  \tTabs\u001Cand\u0085odd\u3000spaces\uFEFF here ", "tabs and odd spaces\uFEFF here"],
    ["ÀÉ İstanbul ΟΔΟΣ", "\u00e0\u00e9 i\u0307stanbul \u03bf\u03b4\u03bf\u03c2"],
    ['a;b:c-d"e', 'a;b:c-d"e'],
    [" \n ", "<newline>"],
    ["", ""],
  ];
  for (const [text, expected] of prepared) assert.equal(recipeText(text), expected);
});

/**
 * A model of seven labels, -1 to 5, trained by Debian's fasttext 0.9.2 on 700 lines of invented words:
 *
 *     fasttext supervised -input train.txt -output seven -dim 4 -wordNgrams 2 -bucket 50 -epoch 20 -lr 0.8 -thread 1
 *     fasttext predict seven.bin in.txt
 */
const recorded: [string, number][] = [
  ["buy the cheap pills", 0],
  ["theorem , proof . a lemma", 5],
  ["the river in town", 3],
  ["", 3],
  ["unseen words only", 3],
  ["zzz free theorem data", 4],
  ["click <newline> click", 1],
];

await test("the labels that Debian's fasttext gives, from two models at once", async () => {
  const path = join(packageRoot, "test", "unit", "domains", "seven-labels.bin");
  const [model, other] = await Promise.all([openFastText(path), openFastText(path)]);
  for (const [text, label] of recorded) {
    assert.equal(model.score(text), label, text);
    assert.equal(other.score(text), label, text);
  }
});

const hasFastText = spawnSync("fasttext").error === undefined;

await test(
  "a model trained here, its labels beside those of the program",
  { skip: !hasFastText && "there is no fasttext program on this machine" },
  () =>
    withTempDir(async (dir) => {
      const words = ["river town history", "theorem proof lemma", "buy cheap pills"];
      const line = (i: number) =>
        `${words[i % 3]} w${i % 7} w${i % 11} ${words[(i * i) % 3]!.split(" ")[i % 3]}`;
      const lines = Array.from({ length: 300 }, (_, i) => `__label__${(i % 3) * 2 - 1} ${line(i)}\n`);
      await writeFile(join(dir, "train.txt"), lines.join(""));
      // Character n-grams and a hierarchical softmax, which the committed model has not.
      const options =
        "-output other -dim 6 -minn 2 -maxn 4 -bucket 200 -epoch 10 -loss hs -thread 1 -verbose 0";
      execFileSync("fasttext", ["supervised", "-input", "train.txt", ...options.split(" ")], { cwd: dir });
      const texts = Array.from({ length: 60 }, (_, i) => `${line(7 * i + 3)} rivers theorems`);
      await writeFile(join(dir, "in.txt"), texts.map((text) => `${text}\n`).join(""));
      const said = execFileSync("fasttext", ["predict", "other.bin", "in.txt"], {
        cwd: dir,
        encoding: "utf8",
      });
      const model = await openFastText(join(dir, "other.bin"));
      assert.deepEqual(
        texts.map((text) => `__label__${model.score(text)}`),
        said.trim().split("\n"),
      );
      assert(new Set(said.trim().split("\n")).size > 1);

      const named = lines.map((text) => text.replace(/__label__\S+/, "__label__good"));
      await writeFile(join(dir, "train.txt"), named.join(""));
      execFileSync("fasttext", ["supervised", "-input", "train.txt", ...options.split(" ")], { cwd: dir });
      await assert.rejects(
        openFastText(join(dir, "other.bin")),
        /has the label __label__good, which is no number/,
      );
    }),
);

await test("no file and no model are refused by name", () =>
  withTempDir(async (dir) => {
    await assert.rejects(openFastText(join(dir, "none.bin")), /there is no fastText model .*none\.bin/);
    await writeFile(join(dir, "text.bin"), "not a model");
    await assert.rejects(
      openFastText(join(dir, "text.bin")),
      (error) => error instanceof InputError && /text\.bin is no fastText classifier/.test(error.message),
    );
  }));
