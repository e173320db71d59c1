import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { nanotron } from "../../../pipeline/export/nanotron.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, problemsAfter } from "./changed-export.ts";

await test("the data_stages, by hand", () => {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.7, 0.3] });
  assert.deepEqual(parse(exportedText(nanotron, "data_stages.yaml", manifest)), {
    data_stages: [
      {
        name: "climb mixture",
        start_training_step: 1,
        data: {
          dataset: {
            dataset_folder: ["/data/domains/domain_0", "/data/domains/domain_1"],
            dataset_weights: [0.7, 0.3],
          },
          num_loading_workers: 1,
          seed: 42,
        },
      },
    ],
  });
});

/** The form of nanotron's own documentation: folders to weights. dacite: can not match type "dict". */
const mapping = (text: string) =>
  text.replace(
    /dataset_folder:\n( {10}- .*\n)+ +dataset_weights:\n( {10}- .*\n)+/,
    "dataset_folder: {/a: 1.0}\n",
  );

for (const [what, change, message] of [
  ["the documented mapping", mapping, /cannot match a mapping/],
  ["no weights", (text: string) => text.replace(/ +dataset_weights:\n( {10}- .*\n)+/, ""), /size decides/],
  ["a missing weight", (text: string) => text.replace(/ +- 0\.\d+\n/, ""), /3 folders have 2 weights/],
  ["an exponent", (text: string) => text.replace(/- 0\.\d+/, "- 1e-7"), /1e-7 as text/],
  ["a quoted weight", (text: string) => text.replace(/- (0\.\d+)/, '- "$1"'), /expected number/],
  [
    "a stage that starts later",
    (text: string) => text.replace("step: 1", "step: 100"),
    /from the first step/,
  ],
  [
    "weights in another order",
    (text: string) => text.replace(/(- 0\.\d+)\n( +)(- 0\.\d+)/, "$3\n$2$1"),
    /gets the share/,
  ],
] as const) {
  await test(`check sees ${what}`, () => {
    assert.match(problemsAfter(nanotron, "data_stages.yaml", change), message);
  });
}
