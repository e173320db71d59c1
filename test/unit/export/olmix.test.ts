import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { olmix } from "../../../pipeline/export/olmix.ts";
import { makeFixture } from "../../support/search-fixture.ts";

const options = { dataRoot: "/data/domains", decimals: 6 };
const { manifest } = makeFixture();
const text = olmix.files(manifest, options)[0]!.text;
const problems = (changed: string) => olmix.check([{ path: "mix.yaml", text: changed }], manifest, options);

await test("the mix, by hand", () => {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.25, 0.75] });
  Object.assign(manifest.domains[0]!, { name: "first", epochs: 0.4 });
  Object.assign(manifest.domains[1]!, { name: "second", epochs: 2.00001 });
  const [file] = olmix.files(manifest, options);
  assert.equal(
    file!.text,
    `# The sections data and mix of an olmix launch config, made by climb.

data:
  sources:
    - name: climb
      topics:
        - name: domain_0
          paths:
            - /data/domains/domain_0/*.npy
        - name: domain_1
          paths:
            - /data/domains/domain_1/*.npy
mix:
  climb:
    weight: 1.0
    domain_0:
      # first
      weight: 0.250000
      repetition_factor: 1.0000
    domain_1:
      # second
      weight: 0.750000
      repetition_factor: 2.0001
`,
  );
});

for (const [what, changed, message] of [
  [
    "an exponent, which PyYAML reads as text",
    text.replace(/weight: 0\.\d+/, "weight: 1e-7"),
    /PyYAML does not read/,
  ],
  ["a quoted weight", text.replace(/weight: (0\.\d+)/, 'weight: "none"'), /PyYAML does not read/],
  [
    "a leaf without weight, which olmix takes for 1",
    text.replace(/ +weight: 0\.\d+\n/, ""),
    /olmix would take 1/,
  ],
  ["a missing repetition factor", text.replace(/ +repetition_factor: .*\n/, ""), /olmix would take 1/],
  [
    "too few repetitions, at which OLMo-core stops",
    text.replaceAll(/repetition_factor: .*/g, "repetition_factor: 1.0"),
    /OLMo-core stops/,
  ],
  ["a source that weighs less than 1", text.replace("weight: 1.0", "weight: 0.9"), /sum to/],
  ["text that is no YAML", "mix: [", /mix.yaml/],
] as const) {
  await test(`check sees ${what}`, () => {
    assert.notEqual(changed, text);
    assert.match(problems(changed).join("\n"), message);
  });
}

const hasYaml = spawnSync("python3", ["-c", "import yaml"]).status === 0;

await test(
  "PyYAML reads the same numbers",
  hasYaml ? {} : { skip: "python3 or PyYAML is not installed" },
  () => {
    const program =
      "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.read())['mix']['climb']))";
    const run = spawnSync("python3", ["-c", program], { input: text, encoding: "utf8" });
    const { weight, ...domains } = JSON.parse(run.stdout) as Record<string, { weight: number }>;
    assert.equal(weight, 1);
    assert.deepEqual(
      Object.entries(domains).map(([domain, { weight }]) => [domain, weight]),
      olmix.read([{ path: "mix.yaml", text }]).map(({ domain, share }) => [domain, share]),
    );
  },
);
