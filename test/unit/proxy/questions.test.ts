import assert from "node:assert/strict";
import test from "node:test";
import type { ProxyTarget } from "../../../pipeline/proxy/proxy.ts";
import { accuracy, gradeQuestions, rightAnswers } from "../../../pipeline/proxy/questions.ts";

const target = {
  // Three questions: of three answers, of one, of two.
  questions: Uint32Array.of(4, 4, 4, 5, 9, 9),
  documentBytes: Uint32Array.of(10, 20, 10, 10, 10, 10),
};

await test("right answers come first; a question is answered by the lowest loss per byte", () => {
  // Per byte: 2, 1.5, 3: wrong, though its nats are the fewest. Then 1 alone, which asks nothing. Then 1 before 2: right.
  const nats = [20, 30, 30, 10, 10, 20];
  assert.deepEqual(rightAnswers(target, nats), [20, 10, 10]);
  assert.deepEqual(gradeQuestions(target, nats), ["wrong", "not asked", "right"]);
  assert.equal(accuracy(target, nats), 1 / 2);
  assert.equal(accuracy(target, [14, 30, 30, 10, 10, 20]), 1);
  assert.equal(accuracy(target, [15, 30, 30, 10, 20, 20]), 0, "a tie is no answer");
});

await test("text has no answers", () => {
  const text: Pick<ProxyTarget, "documentBytes" | "questions"> = { documentBytes: Uint32Array.of(1, 2) };
  assert.deepEqual(rightAnswers(text, [3, 4]), [3, 4]);
  assert.deepEqual(gradeQuestions(text, [3, 4]), ["not asked", "not asked"]);
  assert.equal(accuracy(text, [3, 4]), undefined);
});
