import assert from "node:assert/strict";
import test from "node:test";
import type { ProxyTarget } from "../../../pipeline/proxy/proxy.ts";
import { accuracy, rightAnswers } from "../../../pipeline/proxy/questions.ts";
import { taskCorrelations } from "../../../pipeline/search/task-correlations.ts";

const target = {
  // Three questions: of three answers, of one, of two.
  questions: Uint32Array.of(4, 4, 4, 5, 9, 9),
  documentBytes: Uint32Array.of(10, 20, 10, 10, 10, 10),
};

await test("right answers come first; a question is answered by the lowest loss per byte", () => {
  // Per byte: 2, 1.5, 3: wrong, though its nats are the fewest. Then 1 alone, which asks nothing. Then 1 before 2: right.
  const nats = [20, 30, 30, 10, 10, 20];
  assert.deepEqual(rightAnswers(target, nats), [20, 10, 10]);
  assert.equal(accuracy(target, nats), 1 / 2);
  assert.equal(accuracy(target, [14, 30, 30, 10, 10, 20]), 1);
  assert.equal(accuracy(target, [15, 30, 30, 10, 20, 20]), 0, "a tie is no answer");
});

await test("text has no answers", () => {
  const text: Pick<ProxyTarget, "documentBytes" | "questions"> = { documentBytes: Uint32Array.of(1, 2) };
  assert.deepEqual(rightAnswers(text, [3, 4]), [3, 4]);
  assert.equal(accuracy(text, [3, 4]), undefined);
});

const trial = (objective: number, piqa?: number) => ({
  key: `${objective}`,
  weights: [1],
  losses: [],
  objective,
  drawnTokens: [1],
  epochs: [1],
  ...(piqa !== undefined && { taskScores: { piqa, copa: 0.5 } }),
});

await test("a task's scores are ranked against the objective", () => {
  const trials = [trial(1, 0.9), trial(2, 0.7), trial(3, 0.8), trial(4)];
  const rounded = taskCorrelations(trials).map((task) => ({
    ...task,
    spearman: task.spearman === null ? null : Number(task.spearman.toFixed(9)),
  }));
  assert.deepEqual(rounded, [
    { task: "copa", trials: 3, spearman: null, best: 0.5 },
    { task: "piqa", trials: 3, spearman: -0.5, best: 0.9 },
  ]);
  assert.deepEqual(taskCorrelations(trials.slice(2)), []);
});
