import type { ProxyTarget } from "./proxy.ts";

type Answered = Pick<ProxyTarget, "questions">;

/** Of values by document, those of right answers; all of them where the target is text. */
export function rightAnswers({ questions }: Answered, values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  return questions === undefined ? all : all.filter((_, d) => d === 0 || questions[d] !== questions[d - 1]);
}

/**
 * Share of the questions whose right answer has the lowest -ln p per byte of all its answers (acc_norm of
 * lm-evaluation-harness); questions with one answer ask nothing. Undefined where the target has none.
 */
export function accuracy(
  { questions, documentBytes }: Pick<ProxyTarget, "questions" | "documentBytes">,
  documentNats: ArrayLike<number>,
): number | undefined {
  if (questions === undefined) return undefined;
  let asked = 0;
  let right = 0;
  for (let first = 0; first < questions.length;) {
    const perByte = (d: number) => documentNats[d]! / documentBytes[d]!;
    let end = first + 1;
    let best = true;
    for (; end < questions.length && questions[end] === questions[first]; end++) {
      if (perByte(end) <= perByte(first)) best = false;
    }
    if (end > first + 1) {
      asked++;
      if (best) right++;
    }
    first = end;
  }
  return asked === 0 ? undefined : right / asked;
}
