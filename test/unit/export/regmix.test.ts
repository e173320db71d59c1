import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { regmix } from "../../../pipeline/export/regmix.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, problemsAfter } from "./changed-export.ts";

await test("names cannot begin one another: domain_1 and domain_10 get numbers of equal length", () => {
  const { manifest } = makeFixture({ domains: 11 });
  const { train, valid } = parse(exportedText(regmix, "mixture.yaml", manifest)) as {
    train: Record<string, number>;
    valid: Record<string, number>;
  };
  const names = Object.keys(train);
  assert.equal(names[1], "train_climb_01_domain_1");
  assert.equal(names[10], "train_climb_10_domain_10");
  for (const name of names) assert.equal(names.filter((other) => other.startsWith(name)).length, 1);
  assert.deepEqual(valid, {});
});

for (const [what, change, message] of [
  [
    "a name that is the beginning of another",
    (text: string) => text.replace("train_climb_0_domain_0", "train_climb_1_domain_"),
    /would also read the files of train_climb_1_domain_1/,
  ],
  // `del config["valid"]`
  ["no valid, which raises KeyError", (text: string) => text.replace("valid: {}\n", ""), /valid/],
  ["a key that overwrites a global", (text: string) => `${text}learning_rate: 1.0\n`, /learning_rate/],
  ["an exponent", (text: string) => text.replace(/0\.\d+\n/, "1e-7\n"), /1e-7 as text/],
  [
    "a domain twice",
    (text: string) => text.replace("train_climb_1_domain_1", "train_climb_0_domain_0"),
    /unique/,
  ],
] as const) {
  await test(`check sees ${what}`, () => {
    assert.match(problemsAfter(regmix, "mixture.yaml", change), message);
  });
}
