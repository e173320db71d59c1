/** nanochat and axolotl: what would be misread, or written otherwise than it is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { axolotl } from "../../../pipeline/export/axolotl.ts";
import { nanochat } from "../../../pipeline/export/nanochat.ts";
import { exportedText, problemsAfter } from "./changed-export.ts";

for (const [what, change, message] of [
  ["other tokens", (text: string) => text.replace(/--tokens \d+/, "--tokens 5"), /--tokens is 5/],
  ["JSON lines", (text: string) => text.replace("parquet", "jsonl"), /--format is jsonl; .* parquet/],
  ["another folder", (text: string) => text.replace("mixture-nano", "nano"), /--out is/],
  ["one large file", (text: string) => text.replace(/bytes \d+/, "bytes 900000000"), /--shard-bytes is/],
  ["the manifest's weights", (text: string) => text.replace(/--weights \S+ \S+/, ""), /shares\.json/],
  ["no command", (text: string) => text.replace("climb materialize", "true"), /does not run/],
] as const) {
  await test(`nanochat: check sees a script that writes ${what}`, () => {
    assert.match(problemsAfter(nanochat, "materialize.sh", change), message);
  });
}

for (const [what, change, message] of [
  // axolotl takes the first element and drops the others without a word.
  [
    "a second dataset",
    (text: string) => text.replace(/(pretraining_dataset:\n)([\s\S]*?)(?=seq)/, "$1$2$2"),
    /only the first/,
  ],
  [
    "no max_steps, which a stream needs",
    (text: string) => text.replace(/max_steps.*\n/, ""),
    /length of a stream/,
  ],
  ["other steps", (text: string) => text.replace(/max_steps: \d+/, "max_steps: 3"), /3 steps/],
  ["other files", (text: string) => text.replace("/mixture-axolotl/", "/domain_0/"), /materialize.sh writes/],
  [
    "documents instead of packed sequences",
    (text: string) => text.replace("packing: true", "packing: false"),
    /packing/,
  ],
  [
    "weights, which do not exist",
    (text: string) => text.replace("    split", "    weight: 0.5\n    split"),
    /weight/,
  ],
] as const) {
  await test(`axolotl: check sees ${what}`, () => {
    assert.match(problemsAfter(axolotl, "pretrain.yaml", change), message);
  });
}

await test("a small mixture still has a training file beside nanochat's last, for validation", () => {
  const bytes = Number(/--shard-bytes (\d+)/.exec(exportedText(nanochat, "materialize.sh"))![1]);
  assert.ok(bytes > 0 && bytes < 250_000_000);
});
