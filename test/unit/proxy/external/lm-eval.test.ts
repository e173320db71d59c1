import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { parseTaskScores, readTaskScores } from "../../../../pipeline/proxy/external/lm-eval.ts";
import { withTempDir } from "../../../support/temp-dir.ts";

/** Written by hand after the shape of lm-evaluation-harness 0.4's results files. */
const results = (piqa: number) =>
  JSON.stringify({
    results: {
      piqa: {
        alias: "piqa",
        "acc,none": 0.5,
        "acc_stderr,none": 0.01,
        "acc_norm,none": piqa,
        "acc_norm_stderr,none": 0.01,
      },
      copa: { alias: "copa", "acc,none": 0.55, "acc_stderr,none": "N/A" },
      gsm8k: { alias: "gsm8k", "exact_match,strict-match": 0.02, "exact_match_stderr,strict-match": 0.003 },
      group: { alias: "group" },
    },
    versions: { piqa: 1 },
  });

await test("tasks' scores: length-normalised accuracy where there is one, groups without numbers left out", () => {
  assert.deepEqual(parseTaskScores(results(0.61), "results.json"), { piqa: 0.61, copa: 0.55, gsm8k: 0.02 });
  assert.throws(
    () => parseTaskScores("{", "results.json"),
    /results\.json is no result of lm-evaluation-harness/,
  );
  const perplexity = JSON.stringify({ results: { wikitext: { "word_perplexity,none": 20 } } });
  assert.throws(() => parseTaskScores(perplexity, "r.json"), /task wikitext has none of acc_norm, acc/);
});

await test("the newest of several files counts; where none is found, the pattern is named", () =>
  withTempDir(async (folder) => {
    await mkdir(join(folder, "model"));
    for (const [time, piqa] of [
      ["2026-01-02T00", 0.7],
      ["2026-01-01T00", 0.6],
    ] as const)
      await writeFile(join(folder, "model", `results_${time}.json`), results(piqa));
    assert.equal((await readTaskScores(folder, "**/results_*.json"))["piqa"], 0.7);
    assert.deepEqual(await readTaskScores(folder, null), {});
    await assert.rejects(readTaskScores(folder, "nothing_*.json"), /no file nothing_\*\.json/);
  }));
