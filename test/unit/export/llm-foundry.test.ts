import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { llmFoundry } from "../../../pipeline/export/llm-foundry.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, options, problemsAfter } from "./changed-export.ts";

await test("the train_loader, by hand", () => {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.7, 0.3] });
  // 2 400 000 tokens in sequences of 2048: 1171.875.
  assert.deepEqual(parse(exportedText(llmFoundry, "train_loader.yaml", manifest)), {
    train_loader: {
      name: "text",
      dataset: {
        shuffle: true,
        epoch_size: 1172,
        streams: {
          domain_0: { local: "/data/domains/domain_0", split: "train", proportion: 0.7 },
          domain_1: { local: "/data/domains/domain_1", split: "train", proportion: 0.3 },
        },
      },
    },
  });
});

await test("the epoch is counted in the config's sequences", () => {
  const { manifest } = makeFixture({ domains: 2 });
  const [file] = llmFoundry.files(manifest, { ...options, sequenceTokens: 1000 });
  assert.match(file!.text, /epoch_size: 2400\n/);
});

for (const [what, change, message] of [
  // Stream.apply_weights with 1000 and 50 samples at 0.7 and 0.3 and no epoch_size: repeats of 0.735 and 6.3.
  ["no epoch_size", (text: string) => text.replace(/ +epoch_size.*\n/, ""), /keeps the old total/],
  [
    "another epoch_size",
    (text: string) => text.replace("epoch_size: 1172", "epoch_size: 500"),
    /epoch_size is 500/,
  ],
  ["a stream without proportion", (text: string) => text.replace(/ +proportion.*\n/, ""), /proportion/],
  ["repeat instead of proportion", (text: string) => text.replace("proportion", "repeat"), /proportion/],
  ["repeat beside proportion", (text: string) => `${text}        repeat: 2\n`, /repeat/],
  ["an exponent", (text: string) => text.replace(/proportion: .*/, "proportion: 1e-7"), /1e-7 as text/],
  [
    "another folder",
    (text: string) => text.replace("domains/domain_0", "domains/domain_1"),
    /domain_0 reads/,
  ],
  ["another split", (text: string) => text.replace("split: train", "split: val"), /split/],
] as const) {
  await test(`check sees ${what}`, () => {
    assert.match(problemsAfter(llmFoundry, "train_loader.yaml", change), message);
  });
}
