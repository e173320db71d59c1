import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InputError } from "../../../pipeline/core/errors.ts";
import { exporters } from "../../../pipeline/export/exporters.ts";
import { parsePythonYaml } from "../../../pipeline/export/python-yaml.ts";
import { fixed, writeYaml } from "../../../pipeline/export/write-yaml.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { options } from "./changed-export.ts";
import { pythonWith, runPython } from "./python.ts";

const { python, ...skip } = pythonWith("yaml");
const read = (text: string) => parsePythonYaml(text, "x.yaml");

/** Each text as PyYAML's safe_load reads it; null for what JSON cannot say. */
function readAll(texts: readonly string[]): unknown[] {
  const program = `import json, sys, yaml
print(json.dumps([yaml.safe_load(text) for text in json.load(sys.stdin)], default=str))`;
  return JSON.parse(runPython(python, program, JSON.stringify(texts))) as unknown[];
}

await test("scalars, by hand: YAML 1.1 with PyYAML's numbers", () => {
  assert.deepEqual(read("[0.5, 12, -3, 1.0e-07, 1., yes, no, off, ~, a, '1', \"0.5\", 0o17, y, 1.2.3]"), [
    0.5,
    12,
    -3,
    1e-7,
    1,
    true,
    false,
    false,
    null,
    "a",
    "1",
    "0.5",
    "0o17",
    "y",
    "1.2.3",
  ]);
  assert.deepEqual(read("a: {b: [1, {c: d}]}\n'no': x\n"), { a: { b: [1, { c: "d" }] }, no: "x" });
});

for (const text of [
  "1e-7",
  "1e-05",
  "1E5",
  "008",
  "010",
  "0x1F",
  "1_000",
  "1:30",
  ".5",
  ".inf",
  "2024-01-01",
]) {
  await test(`${text} is refused: it looks like another value than PyYAML reads`, () => {
    assert.throws(() => read(`a: ${text}`), InputError);
  });
}

await test("what PyYAML would drop or read without a word is refused", () => {
  assert.throws(() => read("a: 1\na: 2\n"), /unique/);
  assert.throws(() => read("no: 1\n"), /the key false/);
  assert.throws(() => read("a: &x 1\nb: *x\n"), /aliases/);
  assert.throws(() => read("a: [1"), InputError);
});

await test("fixed numbers are printed as they are", () => {
  assert.equal(
    writeYaml({ a: fixed("0.0000001"), b: fixed("1.0") }, ["x", "y"]),
    "# x\n# y\n\na: 0.0000001\nb: 1.0\n",
  );
});

await test("PyYAML reads the same scalars", skip, () => {
  const texts = [
    "0.5",
    "12",
    "1.0e-07",
    "1.",
    "yes",
    "off",
    "~",
    "a",
    "'1'",
    "0o17",
    "y",
    "1.2.3",
    "-3",
    "+4",
  ];
  assert.deepEqual(readAll(texts), texts.map(read));
});

await test("PyYAML reads those that are refused as something else than JavaScript would", skip, () => {
  assert.deepEqual(readAll(["1e-7", "1e-05", "008", "010", "0x1F", "1_000", "1:30", "2024-01-01"]), [
    "1e-7",
    "1e-05",
    "008",
    8,
    31,
    1000,
    90,
    "2024-01-01",
  ]);
});

await test("any domain id is written as text, for us and for PyYAML", skip, () => {
  const id = fc.oneof(
    fc.stringMatching(/^\w[\w.-]{0,12}$/),
    fc.stringMatching(/^[0-9][0-9._eExXob-]{0,10}$/),
    fc.constantFrom("no", "Null", "true", "y", "1e5", "2024-01-01", "0o7", "1_0.5", "null", "__proto__"),
  );
  const ids = fc.sample(id, { seed: 3, numRuns: 400 });
  const texts = ids.map((id) => writeYaml({ list: [id], map: Object.fromEntries([[id, fixed("0.5")]]) }, []));
  const expected = ids.map((id) => ({ list: [id], map: Object.fromEntries([[id, 0.5]]) }));
  assert.deepEqual(texts.map(read), expected);
  assert.deepEqual(readAll(texts), expected);
});

await test("PyYAML reads every exported YAML file as the checks do", skip, () => {
  const { manifest } = makeFixture();
  manifest.domains[0]!.name = 'x: "y" # é {\u0007\uFFFE\uFFFF\uD800';
  const files = Object.values(exporters).flatMap((exporter) =>
    exporter.files(manifest, { ...options, decimals: 9 }).filter(({ path }) => path.endsWith(".yaml")),
  );
  assert.equal(files.length, 12);
  const texts = files.map(({ text }) => text);
  assert.deepEqual(readAll(texts), texts.map(read));
});
