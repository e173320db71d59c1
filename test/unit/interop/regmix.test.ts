import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import test from "node:test";
import { ConfigError, InputError } from "../../../pipeline/core/errors.ts";
import { importRuns } from "../../../pipeline/interop/import-runs.ts";
import { type Files, regmixFiles, withFiles } from "./runs-folder.ts";

await test("four runs by hand: joined by index whatever the order of the rows, and renormalised", () =>
  withFiles(regmixFiles, async (dir) => {
    const imported = await importRuns(dir);
    assert.deepEqual(imported, {
      format: "regmix",
      domains: ["web", "books"],
      measures: [
        { name: "web", unit: "nats per token", better: "lower" },
        { name: "books", unit: "nats per token", better: "lower" },
      ],
      runs: [
        { id: "1", weights: [0.25, 0.75], values: [1.125, 1.25] },
        { id: "2", weights: [0.5, 0.5], values: [1.25, 2.25] },
        { id: "7", weights: [1, 0], values: [1.75, 7.5] },
        { id: "9", weights: [1 / 1.003, 0.003 / 1.003], values: [1.5, 9.5] },
      ],
      heldOut: [],
      files: ["train_mixture_1m.csv", "train_pile_loss_1m.csv"],
      notes: ["2 of 4 mixtures did not sum to 1: renormalised"],
    });
  }));

await test("targets are taken by name, in the order asked for; test files are held out", () => {
  const files = {
    ...regmixFiles,
    "test_mixture_1m.csv": "index,train_web,train_books\n1,0.5,0.5\n",
    "test_pile_loss_1m.csv": "index,metric/web_val_loss,metric/books_val_loss\n1,3,4\n",
  };
  return withFiles(files, async (dir) => {
    const { measures, runs, heldOut } = await importRuns(dir, { targets: ["books"] });
    assert.deepEqual(
      measures.map(({ name }) => name),
      ["books"],
    );
    assert.deepEqual(
      runs.map(({ values }) => values),
      [[1.25], [2.25], [7.5], [9.5]],
    );
    assert.deepEqual(heldOut, [{ id: "1", weights: [0.5, 0.5], values: [4] }]);
  });
});

const mixtures = "train_mixture_1m.csv";
const losses = "train_pile_loss_1m.csv";
const head = "index,train_web,train_books\n";
const refused: [string, Files, RegExp][] = [
  [
    "an index twice",
    { [mixtures]: `${head}1,1,0\n2,0,1\n1,0,1\n` },
    /mixture_1m.csv:4: index 1 is on line 2/,
  ],
  [
    "a mixture without losses",
    { [mixtures]: `${head}1,1,0\n\n3,0,1\n` },
    /mixture_1m.csv:4: index 3 is not in/,
  ],
  ["losses without a mixture", { [mixtures]: `${head}1,1,0\n` }, /loss_1m.csv:2: index 9 is not in .*2 more/],
  ["a sum of 0.9", { [mixtures]: `${head}1,0.5,0.4\n2,1,0\n7,1,0\n9,1,0\n` }, /:2: the weights sum to 0.9,/],
  [
    "a negative weight",
    { [mixtures]: `${head}1,1.5,-0.5\n2,1,0\n7,1,0\n9,1,0\n` },
    /:2: .* -0.5 is negative/,
  ],
  ["a word", { [mixtures]: `${head}1,1,x\n2,1,0\n7,1,0\n9,1,0\n` }, /:2: train_books is 'x', not a number/],
  [
    "an empty cell",
    { [mixtures]: `${head}1,1,\n2,1,0\n7,1,0\n9,1,0\n` },
    /:2: train_books is '', not a number/,
  ],
  ["a long line", { [mixtures]: `${head}1,1,0\n2,1,0,0\n` }, /mixture_1m.csv:3: .*Columns: 3 Found: 4/],
  ["no key", { [mixtures]: "train_web,train_books\n1,0\n" }, /no common column index/],
  ["only a header", { [mixtures]: head }, /1 lines, where/],
  ["two sizes", { "train_mixture_60m.csv": head }, /once each, of one size; .*train_mixture_60m.csv/],
  ["a second format", { "ratios.csv": head }, /holds the files of regmix and olmix/],
];
for (const [what, change, message] of refused) {
  await test(`${what} is refused by file and line`, () =>
    withFiles({ ...regmixFiles, ...change }, async (dir) => {
      await assert.rejects(importRuns(dir), (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      });
    }));
}

await test("half a pair, an unknown target, a direction that losses do not have, and no runs at all", async () => {
  await withFiles({ [mixtures]: head }, (dir) => assert.rejects(importRuns(dir), /once each, of one size/));
  await withFiles(regmixFiles, async (dir) => {
    await assert.rejects(importRuns(dir, { targets: ["bokks"] }), /no measure 'bokks'; did you mean 'books'/);
    await assert.rejects(importRuns(dir, { better: "higher" }), ConfigError);
  });
  await withFiles({ [losses]: head }, (dir) => assert.rejects(importRuns(dir), /no proxy runs of a known/));
  await assert.rejects(importRuns("/nowhere/at/all"), /cannot read the folder .*ENOENT/);
});

const published = "../shared/data/regmix";
const absent = await readdir(published).then(
  () => false as const,
  () => `${published} is not there`,
);
await test("RegMix's published runs: counts and a row as its file prints it", { skip: absent }, async () => {
  const { domains, measures, runs, heldOut, notes } = await importRuns(published);
  assert.deepEqual([domains.length, measures.length, runs.length, heldOut.length], [17, 13, 512, 256]);
  assert.deepEqual([domains[0], measures[0]!.name], ["the_pile_arxiv", "the_pile_arxiv"]);
  // awk -F, 'NR>1{s=0;for(i=2;i<=NF;i++)s+=$i;if(s>1.0000001||s<.9999999)n++}END{print n}' train_mixture_1m.csv: 303
  assert.deepEqual(notes, ["303 of 512 mixtures did not sum to 1: renormalised"]);
  const [first] = runs;
  assert.equal(first!.id, "1");
  assert.deepEqual(
    first!.weights.filter((weight) => weight > 0),
    [0.004, 0.209, 0.787],
  );
  assert.equal(first!.values[0], 7.0255866050720215);
});
