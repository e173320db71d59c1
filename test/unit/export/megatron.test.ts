import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { megatron } from "../../../pipeline/export/megatron.ts";
import { makeFixture } from "../../support/search-fixture.ts";

const options = { dataRoot: "/data/domains/", decimals: 6 };
const blend = (text: string) => [{ path: "blend.txt", text }];

await test("the blend file, by hand", () => {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.3, 0.7] });
  const [file, notes] = megatron.files(manifest, options);
  assert.deepEqual(file, {
    path: "blend.txt",
    text: "0.300000 /data/domains/domain_0 0.700000 /data/domains/domain_1\n",
  });
  assert.match(notes!.text, /--data-args-path/);
});

// What Megatron's get_blend_from_list makes of these (run alone, commit d98e8a64): the first two become plain
// paths with weights=None, without an error; the third fails an assertion.
for (const [what, text] of [
  ["an odd number of words", "0.7 /a 0.3"],
  ["an even number with one weight missing", "0.5 /a /b /c"],
  ["a path first", "/a 0.5 /b 0.5"],
  ["a space in a path", "0.5 /my data/a 0.5 /b"],
  ["an exponent", "0.99999 /a 1e-05 /b"],
  ["a zero weight", "1.0 /a 0.0 /b"],
  ["a negative weight", "1.5 /a -0.5 /b"],
] as const) {
  await test(`refuses ${what}`, () => {
    assert.throws(() => megatron.read(blend(text)), InputError);
    assert.equal(megatron.check(blend(text), makeFixture().manifest, options).length, 1);
  });
}

await test("an empty file has every domain missing", () => {
  const { manifest } = makeFixture({ domains: 2 });
  assert.deepEqual(megatron.check(blend("\n"), manifest, options), [
    "domain_0 is missing",
    "domain_1 is missing",
    "the shares sum to 0, not to exactly 1",
  ]);
});
