import assert from "node:assert/strict";
import test from "node:test";
import { taskCorrelations } from "../../../pipeline/search/task-correlations.ts";

/** Two targets, of which one is measured by accuracy: its error rate does not count here, its bits per byte do. */
const trial = (bits: number, piqa?: number) => ({
  key: `${bits}`,
  weights: [1],
  losses: [
    { target: "text", loss: bits },
    { target: "piqa", loss: 1 - (piqa ?? 0), bitsPerByte: bits + 1 },
  ],
  objective: 1 - (piqa ?? 0),
  drawnTokens: [1],
  epochs: [1],
  ...(piqa !== undefined && { taskScores: { piqa, copa: 0.5 } }),
});

await test("a task's scores are ranked against the targets' bits per byte", () => {
  const targets = [
    { name: "text", weight: 1 },
    { name: "piqa", weight: 2 },
  ];
  const trials = [trial(1, 0.9), trial(2, 0.7), trial(3, 0.8), trial(4)];
  const rounded = taskCorrelations(trials, targets).map((task) => ({
    ...task,
    spearman: task.spearman === null ? null : Number(task.spearman.toFixed(9)),
  }));
  assert.deepEqual(rounded, [
    { task: "copa", trials: 3, spearman: null, best: 0.5 },
    { task: "piqa", trials: 3, spearman: -0.5, best: 0.9 },
  ]);
  assert.deepEqual(taskCorrelations(trials.slice(2), targets), []);
});
