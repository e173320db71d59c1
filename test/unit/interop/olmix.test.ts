import assert from "node:assert/strict";
import test from "node:test";
import { importRuns } from "../../../pipeline/interop/import-runs.ts";
import { withFiles } from "./runs-folder.ts";

const asPublished = {
  // As pandas writes the published swarms: a nameless first column, then run, name and index.
  "dclm_ratios.csv":
    ",run,name,index,art,health\n0,ab12,swarm-0000,0,0.25,0.75\n1,cd34,swarm-0001,1,1.0,0.0\n",
  "dclm_metrics.csv":
    ',run,name,index,arc_easy:rc::olmes,"mmlu, all"\n1,cd34,swarm-0001,0,1.5,2.5\n0,ab12,swarm-0000,1,1.25,2.25\n',
};

const asDocumented = {
  "ratios.csv": "run_id,name,art,health\na,first,0.5,0.5\nb,second,0.2,0.8\n",
  "metrics.csv": "run_id,bpb,broken\nb,0.75,\na,0.5,nan\n",
};

await test("a published swarm by hand: joined by run, not by index or position", () =>
  withFiles(asPublished, async (dir) => {
    const imported = await importRuns(dir);
    assert.deepEqual(imported.domains, ["art", "health"]);
    assert.deepEqual(imported.measures, [
      { name: "arc_easy:rc::olmes", unit: "as measured", better: "lower" },
      { name: "mmlu, all", unit: "as measured", better: "lower" },
    ]);
    assert.deepEqual(imported.runs, [
      { id: "ab12", weights: [0.25, 0.75], values: [1.25, 2.25] },
      { id: "cd34", weights: [1, 0], values: [1.5, 2.5] },
    ]);
    assert.match(imported.notes.join("\n"), /lower is taken to be better/);
    await assert.rejects(importRuns(dir, { targets: ["arc_easy"] }), /did you mean 'arc_easy:rc::olmes'/);
  }));

await test("run_id joins too; a column that is not chosen may be broken", () =>
  withFiles(asDocumented, async (dir) => {
    const { runs, measures, notes } = await importRuns(dir, { targets: ["bpb"], better: "higher" });
    assert.deepEqual(
      runs.map(({ id, values }) => [id, values]),
      [
        ["a", [0.5]],
        ["b", [0.75]],
      ],
    );
    assert.equal(measures[0]!.better, "higher");
    assert.deepEqual(notes, []);
    await assert.rejects(importRuns(dir), /metrics.csv:3: broken is 'nan', not a number/);
  }));

await test("one file of the two, or two swarms in one folder, are refused", async () => {
  await withFiles({ "ratios.csv": asDocumented["ratios.csv"] }, (dir) =>
    assert.rejects(importRuns(dir), /found ratios.csv but no metrics.csv/),
  );
  await withFiles({ ...asDocumented, ...asPublished }, (dir) =>
    assert.rejects(importRuns(dir), /found dclm_ratios.csv, ratios.csv/),
  );
});
