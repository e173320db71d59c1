import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { checkTarget, exportAll } from "../../../pipeline/export/export-all.ts";
import type { PhaseMixture } from "../../../pipeline/export/exporter.ts";
import { nanotron } from "../../../pipeline/export/nanotron.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, manifest, options, problemsAfter } from "./changed-export.ts";

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

const phases: PhaseMixture[] = [
  { name: "main: web", fromShare: 0, manifest },
  {
    name: "anneal",
    fromShare: 0.9,
    manifest: makeFixture({ domains: 3, foundWeights: [0, 0.25, 0.75] }).manifest,
  },
];

/** 2.4 M tokens in 240 steps. */
const inSteps = { ...options, batchTokens: 10_000 };
const whole = { manifest, phase: null, phases, notes: [] };
const inPhases = () => exportAll({ ...inSteps, targets: ["nanotron"], tokenizers: {} }, () => whole);

await test("two phases are two stages, the second after nine tenths of the steps", () => {
  const { files, checks } = inPhases();
  const { data_stages } = parse(files[0]!.text) as { data_stages: { data: { dataset: unknown } }[] };
  assert.deepEqual(
    data_stages.map((stage) => ({ ...stage, data: { ...stage.data, dataset: null } })),
    [
      {
        name: "main: web",
        start_training_step: 1,
        data: { dataset: null, num_loading_workers: 1, seed: 42 },
      },
      {
        name: "anneal",
        start_training_step: 217,
        data: { dataset: null, num_loading_workers: 1, seed: 43 },
      },
    ],
  );
  assert.deepEqual(data_stages[1]!.data.dataset, {
    dataset_folder: ["/data/domains/domain_1", "/data/domains/domain_2"],
    dataset_weights: [0.25, 0.75],
  });
  assert.match(files[0]!.text, /^# Phase anneal, after 216 steps of 10000 tokens\.$/m);
  assert.deepEqual(checks.nanotron!.problems, []);
});

for (const [what, change, message] of [
  ["another step", (text: string) => text.replace("217", "100"), /phase anneal: it begins after 99 steps/],
  [
    "one phase alone",
    (text: string) => text.replace(/ {2}- name: anneal[^]*/, ""),
    /1 phases, the manifest 2/,
  ],
  [
    "two stages of one name, which stop nanotron",
    (text: string) => text.replace("name: anneal", 'name: "main: web"'),
    /same name/,
  ],
  ["two stages of one step", (text: string) => text.replace("217", "1"), /same start_training_step/],
  [
    "a changed weight of one phase",
    (text: string) => text.replace(/- 0\.75\d*/, "- 0.7"),
    /phase anneal: domain_2 gets/,
  ],
] as const) {
  await test(`check of phases sees ${what}`, () => {
    const [file] = inPhases().files;
    const text = change(file!.text);
    assert.notEqual(text, file!.text);
    const { problems } = checkTarget("nanotron", [{ path: "data_stages.yaml", text }], whole, inSteps);
    assert.match(problems.join("\n"), message);
  });
}

await test("a step's tokens must be known, and a phase must have a step", () => {
  const config = { targets: ["nanotron" as const], tokenizers: {} };
  assert.throws(() => exportAll({ ...options, ...config }, () => whole), /how many tokens a step takes/);
  // Two steps in all: nine tenths of them are both.
  const long = { ...options, ...config, batchTokens: 1_200_000 };
  assert.throws(() => exportAll(long, () => whole), /"anneal" would have no step: the run has 2 of 1200000/);
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
