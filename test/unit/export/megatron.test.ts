import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkExport } from "../../../pipeline/export/check-export.ts";
import { megatron } from "../../../pipeline/export/megatron.ts";
import { megatronBridge } from "../../../pipeline/export/megatron-bridge.ts";
import { nvidiaRecipe } from "../../../pipeline/export/nvidia-recipe.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, manifest, options, problemsAfter } from "./changed-export.ts";

const { manifest: two } = makeFixture({ domains: 2, foundWeights: [0.3, 0.7] });

await test("the blend files, by hand", () => {
  assert.equal(
    exportedText(megatron, "blend.txt", two),
    "0.300000 /data/domains/domain_0 0.700000 /data/domains/domain_1\n",
  );
  assert.deepEqual(JSON.parse(exportedText(megatron, "blend.json", two)), {
    train: ["0.300000", "/data/domains/domain_0", "0.700000", "/data/domains/domain_1"],
    valid: null,
    test: null,
  });
  assert.match(exportedText(megatron, "NOTES.txt", two), /--data-args-path/);
});

// What Megatron's get_blend_from_list makes of these (run alone, commit d98e8a64): the first three become plain
// paths with weights=None, without an error; a zero weight fails an assertion.
for (const [what, text, message] of [
  ["an odd number of words", "0.7 /a 0.3", /odd number.*drop the weights/],
  ["an even number with one weight missing", "0.5 /a /b /c", /"\/b" where a weight belongs/],
  ["a path first", "/a 0.5 /b 0.5", /"\/a" where a weight belongs/],
  ["a space in a path", "0.5 /my data/a 0.5 /b", /odd number/],
  ["an exponent", "0.99999 /a 1e-05 /b", /"1e-05" where a weight belongs/],
  ["a zero weight", "1.0 /a 0.0 /b", /weight 0: Megatron stops/],
  ["a negative weight", "1.5 /a -0.5 /b", /"-0.5" where a weight belongs/],
  ["other data than in blend.json", "0.5 /a 0.5 /b", /different mixtures/],
] as const) {
  await test(`Megatron: check sees ${what}`, () => {
    assert.match(
      problemsAfter(megatron, "blend.txt", () => `${text}\n`),
      message,
    );
  });
}

for (const [what, change, message] of [
  ["a missing key, which raises KeyError", (text: string) => text.replace('"valid": null,\n', ""), /valid/],
  ["a missing weight", (text: string) => text.replace(/"0\.\d+", /, ""), /odd number/],
  ["a weight as a number", (text: string) => text.replace(/"(0\.\d+)"/, "$1"), /expected string/],
  ["a key twice", (text: string) => text.replace('"test": null', '"train": [], "test": null'), /unique/i],
] as const) {
  await test(`Megatron per split: check sees ${what}`, () => {
    assert.match(problemsAfter(megatron, "blend.json", change), message);
  });
}

await test("Megatron: check sees more datasets than its 16-bit index holds", () => {
  assert.match(
    problemsAfter(megatron, "blend.txt", () => "0.5 /a ".repeat(32_767)),
    /32767 datasets; Megatron takes fewer/,
  );
});

await test("an empty blend has every domain missing", () => {
  const empty = [
    { path: "blend.txt", text: "\n" },
    { path: "blend.json", text: '{"train": [], "valid": null, "test": null}' },
  ];
  assert.deepEqual(checkExport(megatron, empty, two, options), [
    "domain_0 is missing",
    "domain_1 is missing",
    "the shares sum to 0, not to exactly 1",
  ]);
});

for (const [what, change, message] of [
  ["a missing weight", (text: string) => text.replace(/ +- "0\.\d+"\n/, ""), /odd number/],
  ["a bare weight, which is no text", (text: string) => text.replace(/"(0\.\d+)"/, "$1"), /expected string/],
  [
    "blend_weights, which Bridge's source does not know",
    (text: string) => `${text}  blend_weights: [0.5]\n`,
    /blend_weights/,
  ],
  ["no split", (text: string) => text.replace(/ +split:.*\n/, ""), /split/],
] as const) {
  await test(`Megatron-Bridge: check sees ${what}`, () => {
    assert.match(problemsAfter(megatronBridge, "dataset.yaml", change), message);
  });
}

await test("the recipe's script, by hand", () => {
  assert.equal(
    exportedText(nvidiaRecipe, "n1.sh", two),
    "#!/bin/bash\ncat <<EOF\n0.300000 /data/domains/domain_0\n0.700000 /data/domains/domain_1\nEOF\n",
  );
});

for (const [what, change, message] of [
  ["another shape", (text: string) => text.replace("cat <<EOF", "cat <<END"), /cat <<EOF and EOF/],
  ["two pairs on a line", (text: string) => text.replace(/(domain_0)\n/, "$1 "), /stage 8 does not read/],
  ["what the shell expands", (text: string) => text.replace("/data/", "$HOME/"), /the shell expands/],
  ["a missing prefix", (text: string) => text.replace(" /data/domains/domain_1", ""), /odd number/],
  ["a zero weight", (text: string) => text.replace(/0\.\d+/, "0.0"), /weight 0/],
] as const) {
  await test(`NVIDIA recipe: check sees ${what}`, () => {
    assert.match(problemsAfter(nvidiaRecipe, "n1.sh", change), message);
  });
}

const hasBash = spawnSync("bash", ["--version"]).status === 0;

await test(
  "bash prints the recipe's lines as they are written",
  hasBash ? {} : { skip: "bash is not installed" },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "climb-recipe-"));
    try {
      await writeFile(join(dir, "n1.sh"), exportedText(nvidiaRecipe, "n1.sh"));
      const printed = spawnSync("bash", [join(dir, "n1.sh")], { encoding: "utf8" }).stdout;
      assert.equal(
        printed,
        manifest.domains.map(({ id, weight }) => `${weight.toFixed(6)} /data/domains/${id}\n`).join(""),
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  },
);
