import assert from "node:assert/strict";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { Trial } from "../../../pipeline/schema/search.ts";
import { TrialLedger } from "../../../pipeline/search/trial-ledger.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const trial = (key: string): Trial => ({
  key,
  weights: [0.25, 0.75],
  losses: [{ target: "news", loss: 1.5 }],
  objective: 1.5,
  drawnTokens: [1, 3],
  epochs: [0.5, 1],
});

await test("what was added is there after opening again, once each", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "deep", "trials.jsonl");
    const ledger = await TrialLedger.open(path);
    await ledger.add([trial("a"), trial("b")]);
    await ledger.add([trial("b"), trial("c")]);
    const again = await TrialLedger.open(path);
    assert.deepEqual(again.get("b"), trial("b"));
    assert.equal(again.get("z"), undefined);
    assert.equal((await readFile(path, "utf8")).trim().split("\n").length, 3);
    assert.equal(again.unreadableLines, 0);
  }));

await test("a line torn by a kill is cut off and counted; the next one starts cleanly", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "trials.jsonl");
    await (await TrialLedger.open(path)).add([trial("a")]);
    await appendFile(path, JSON.stringify(trial("torn")).slice(0, 40));
    const ledger = await TrialLedger.open(path);
    assert.equal(ledger.unreadableLines, 1);
    await ledger.add([trial("b")]);
    const again = await TrialLedger.open(path);
    assert.equal(again.unreadableLines, 0);
    assert.deepEqual([again.get("a")?.key, again.get("b")?.key, again.get("torn")], ["a", "b", undefined]);
  }));
