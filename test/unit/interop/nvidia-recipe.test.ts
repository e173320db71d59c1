import assert from "node:assert/strict";
import test from "node:test";
import { importRuns } from "../../../pipeline/interop/import-runs.ts";
import { type Files, recipeFiles, recipeResults, withFiles } from "./runs-folder.ts";

await test("two rounds by hand: the last results by name, omitted weights are zero, in the order of numbers", () =>
  withFiles(recipeFiles, async (dir) => {
    const imported = await importRuns(dir);
    assert.equal(imported.format, "nvidia-recipe");
    assert.deepEqual(imported.domains, ["domain_2", "domain_3", "domain_10"]);
    assert.deepEqual(imported.measures, [
      { name: "arc_easy_acc", unit: "% accuracy", better: "higher" },
      { name: "piqa_acc_norm", unit: "% accuracy", better: "higher" },
      { name: "hellaswag_acc_norm", unit: "% accuracy", better: "higher" },
    ]);
    assert.deepEqual(imported.runs, [
      { id: "mixtures_1/n1", weights: [0.25, 0, 0.75], values: [50, 62.5, 25] },
      { id: "mixtures_1/n2", weights: [1, 0, 0], values: [25, 50, 75] },
      { id: "mixtures_1/n10", weights: [0.5 / 0.9998, 0.4998 / 0.9998, 0], values: [50, 50, 50] },
      { id: "mixtures_2/n1", weights: [0, 1, 0], values: [12.5, 25, 37.5] },
    ]);
    assert.deepEqual(imported.notes, ["1 of 4 mixtures did not sum to 1: renormalised"]);
    assert.deepEqual(imported.files.slice(0, 2), [
      "mixtures_1/n1.sh",
      "lm_eval_results_1/n1/model/results_2026-05-02.json",
    ]);
  }));

await test("results beside the only round's mixtures; mixtures that wait for theirs are counted", () => {
  const files = {
    "mixtures_1/n1.sh": recipeFiles["mixtures_1/n1.sh"]!,
    "mixtures_1/n2.sh": recipeFiles["mixtures_1/n2.sh"]!,
    "n2/model/results_1.json": recipeResults(0.5, 0.5, 0.5),
  };
  return withFiles(files, async (dir) => {
    const { runs, notes } = await importRuns(dir, { targets: ["arc_easy_acc"] });
    assert.deepEqual(runs, [{ id: "mixtures_1/n2", weights: [1], values: [50] }]);
    assert.deepEqual(notes, ["1 of 2 mixtures have no results yet: left out"]);
  });
});

const one = recipeResults(0.5, 0.5, 0.5);
const refused: [string, Files, RegExp][] = [
  [
    "results without a mixture",
    { "lm_eval_results_2/n7/m/results_1.json": one },
    /n7 has results but .*n7.sh/,
  ],
  ["results of no round", { "n1/m/results_1.json": one }, /does not say which of mixtures_1, mixtures_2/],
  [
    "two folders of results",
    { "lm_eval_results_1/n1/other/results_1.json": one },
    /holds results in model and other/,
  ],
  ["two results of a mixture", { "again_1/n1/m/results_1.json": one }, /n1.sh has two results/],
  ["a line of three words", { "mixtures_1/n1.sh": "0.5 a b\n" }, /n1.sh:1: "0.5 a b" is not "weight prefix"/],
  [
    "a domain twice",
    { "mixtures_1/n1.sh": "#!/bin/bash\n0.5 a/d\n0.5 b/d\n" },
    /n1.sh:3: a second weight of d/,
  ],
  ["weights that sum to 2", { "mixtures_1/n1.sh": "1 d\n1 e\n" }, /n1.sh: the weights sum to 2,/],
  [
    "no accuracy",
    { "lm_eval_results_1/n2/model/results_9.json": '{"results":{}}' },
    /results_9.json: results.arc_easy/,
  ],
  [
    "percent",
    { "lm_eval_results_1/n2/model/results_9.json": recipeResults(50, 1, 1) },
    /is 50, .* from 0 to 1/,
  ],
  [
    "cut JSON",
    { "lm_eval_results_1/n2/model/results_9.json": '{"results":' },
    /results_9.json: Unexpected end/,
  ],
];
for (const [what, change, message] of refused) {
  await test(`${what}: refused by file and line`, () =>
    withFiles({ ...recipeFiles, ...change }, (dir) => assert.rejects(importRuns(dir), message)));
}

await test("mixtures without any results, and accuracies of which lower would be better", async () => {
  await withFiles({ "mixtures_1/n1.sh": "1 d\n" }, (dir) =>
    assert.rejects(importRuns(dir), /mixtures but no results/),
  );
  await withFiles(recipeFiles, (dir) =>
    assert.rejects(importRuns(dir, { better: "lower" }), /higher is better/),
  );
});
