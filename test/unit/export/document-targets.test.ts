/** MaxText and LLaMA-Factory draw documents by probabilities in a config. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { llamaFactory } from "../../../pipeline/export/llama-factory.ts";
import { maxtext } from "../../../pipeline/export/maxtext.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, problemsAfter } from "./changed-export.ts";

/** Half of the tokens each, in documents of 100 and 300 tokens: 3 of 4 documents are short. */
function shortAndLong() {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.5, 0.5] });
  Object.assign(manifest.domains[0]!, { meanTokens: 100, documentProbability: 0.75, epochs: 3.2 });
  Object.assign(manifest.domains[1]!, { meanTokens: 300, documentProbability: 0.25, epochs: 0.5 });
  return manifest;
}

await test("MaxText's mixture, by hand: probabilities of documents, and the epochs it needs", () => {
  assert.equal(
    exportedText(maxtext, "mixture.json", shortAndLong()),
    `{
  "domain_0": {"path": "/data/domains/domain_0/*.array_record", "weight": 0.750000},
  "domain_1": {"path": "/data/domains/domain_1/*.array_record", "weight": 0.250000}
}
`,
  );
  assert.match(exportedText(maxtext, "NOTES.txt", shortAndLong()), /num_epoch=5 or more/);
});

await test("LLaMA-Factory's files, by hand", () => {
  assert.deepEqual(parse(exportedText(llamaFactory, "pretrain.yaml", shortAndLong())), {
    stage: "pt",
    dataset: "domain_0,domain_1",
    mix_strategy: "interleave_over",
    interleave_probs: "0.750000,0.250000",
    streaming: true,
    seed: 42,
  });
  assert.deepEqual(JSON.parse(exportedText(llamaFactory, "dataset_info.json", shortAndLong())), {
    domain_0: { file_name: "/data/domains/domain_0", columns: { prompt: "text" } },
    domain_1: { file_name: "/data/domains/domain_1", columns: { prompt: "text" } },
  });
});

for (const [what, change, message] of [
  ["a comment, which is no JSON", (text: string) => `// x\n${text}`, /mixture.json/],
  ["a trailing comma", (text: string) => text.replace(/\}\n\}/, "},\n}"), /mixture.json/],
  [
    "a domain twice, of which Python keeps one",
    (text: string) => text.replace('"domain_1":', '"domain_0":'),
    /unique/,
  ],
  ["a weight as text", (text: string) => text.replace(/: (0\.\d+)\}/, ': "$1"}'), /expected number/],
  ["token weights", (text: string) => text.replace(/0\.\d+\}/, "0.400000}"), /gets the share/],
  ["another folder", (text: string) => text.replace("/domain_0/", "/domain_1/"), /domain_0 reads/],
] as const) {
  await test(`MaxText: check sees ${what}`, () => {
    assert.match(problemsAfter(maxtext, "mixture.json", change), message);
  });
}

for (const [what, change, message] of [
  ["the default strategy", (text: string) => text.replace(/mix_strategy.*\n/, ""), /concat refuses/],
  ["interleave_under", (text: string) => text.replace("_over", "_under"), /stops at the first domain's end/],
  ["a missing probability", (text: string) => text.replace(/probs: [\d.]+,/, "probs: "), /3 datasets have 2/],
  // numpy: probabilities do not sum to 1
  [
    "a sum of 0.9999",
    (text: string) => text.replace(/probs: .*/, "probs: 0.3333,0.3333,0.3333"),
    /numpy refuses/,
  ],
  [
    "a list of numbers",
    (text: string) => text.replace(/probs: .*/, "probs: [0.5, 0.3, 0.2]"),
    /should be text/,
  ],
  [
    "a dataset without data",
    (text: string) => text.replace("dataset: domain_0", "dataset: other"),
    /does not define other/,
  ],
  ["another stage", (text: string) => text.replace("stage: pt", "stage: sft"), /stage/],
] as const) {
  await test(`LLaMA-Factory: check sees ${what}`, () => {
    assert.match(problemsAfter(llamaFactory, "pretrain.yaml", change), message);
  });
}

for (const [what, from, to, message] of [
  ["another folder", "domains/domain_0", "domains/domain_1", /domain_0 reads/],
  ["another column", '"prompt": "text"', '"prompt": "content"', /prompt/],
  ["a dataset twice, of which Python keeps one", '"domain_1":', '"domain_0":', /unique/],
] as const) {
  await test(`LLaMA-Factory: check sees ${what} in dataset_info.json`, () => {
    assert.match(
      problemsAfter(llamaFactory, "dataset_info.json", (text) => text.replace(from, to)),
      message,
    );
  });
}
