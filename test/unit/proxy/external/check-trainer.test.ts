import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { quote } from "zx";
import { checkTrainer, type TrainerCheck } from "../../../../pipeline/proxy/external/check-trainer.ts";
import { packageRoot } from "../../../../stages/parts/tool-version.ts";
import { withTempDir } from "../../../support/temp-dir.ts";

const trainer = `${quote(process.execPath)} ${quote(join(packageRoot, "dist/test/support/fake-trainer.js"))}`;

function check(options: string, startsFrom?: string): Promise<TrainerCheck[]> {
  return withTempDir(async (folder) => {
    const settings = {
      command: `${trainer} ${options}`,
      environment: {},
      timeoutSeconds: 20,
      graceSeconds: 1,
    };
    const checks: TrainerCheck[] = [];
    const checkpoint = startsFrom === undefined ? undefined : join(folder, "checkpoint.json");
    if (checkpoint !== undefined) await writeFile(checkpoint, startsFrom!);
    const kit = checkTrainer(join(folder, "kit"), settings, {}, undefined, checkpoint);
    for await (const found of kit) checks.push(found);
    return checks;
  });
}

await test("a trainer that keeps the protocol passes every check", async () => {
  const counts = Array.from({ length: 64 ** 2 }, (_, pair) => 1 + (pair % 7));
  const checks = await check("--pace 5", JSON.stringify({ counts }));
  assert.deepEqual(
    checks.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(checks.length, 10);
});

/** The first check that finds it out. */
const broken: readonly [fault: string, caughtBy: RegExp][] = [
  ["no-result", /whole result/],
  ["torn", /whole result/],
  ["nan", /whole result/],
  ["wrong-hash", /whole result/],
  ["in-place", /renames it/],
  ["differs", /same result for the same request/],
  ["ignores-start", /checkpoint to start from is missing/],
  ["dies-on-sigterm", /exit code 75/],
  ["ignores-sigterm", /exit code 75/],
];

for (const [fault, caughtBy] of broken) {
  await test(`a trainer that is broken (${fault}) is found out`, async () => {
    const failed = (await check(`--pace 5 --fault ${fault}`)).find(({ passed }) => !passed);
    assert.match(failed!.name, caughtBy);
    assert.notEqual(failed!.detail, "");
  });
}
