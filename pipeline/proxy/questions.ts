import type { ProxyTarget } from "./proxy.ts";

type Answered = Pick<ProxyTarget, "questions">;

/** Of values by document, those of right answers; all of them where the target is text. */
export function rightAnswers({ questions }: Answered, values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  return questions === undefined ? all : all.filter((_, d) => d === 0 || questions[d] !== questions[d - 1]);
}

export type Grade = "right" | "wrong" | "not asked";

/**
 * Each question by whether its right answer has the lowest -ln p per byte of all its answers (acc_norm of
 * lm-evaluation-harness); a tie is wrong. Documents that are no question, or one with a single answer, ask nothing.
 */
export function gradeQuestions(
  { questions, documentBytes }: Pick<ProxyTarget, "questions" | "documentBytes">,
  documentNats: ArrayLike<number>,
): Grade[] {
  const grades: Grade[] = [];
  const count = documentBytes.length;
  const isSame = (left: number, right: number) =>
    questions !== undefined && questions[left] === questions[right];
  for (let first = 0; first < count;) {
    const perByte = (d: number) => documentNats[d]! / documentBytes[d]!;
    let end = first + 1;
    let best = true;
    for (; end < count && isSame(end, first); end++) {
      if (perByte(end) <= perByte(first)) best = false;
    }
    grades.push(end === first + 1 ? "not asked" : best ? "right" : "wrong");
    first = end;
  }
  return grades;
}

/** Share of the questions answered right; undefined where nothing is asked. */
export function accuracy(
  target: Pick<ProxyTarget, "questions" | "documentBytes">,
  documentNats: ArrayLike<number>,
): number | undefined {
  const asked = gradeQuestions(target, documentNats).filter((grade) => grade !== "not asked");
  if (asked.length === 0) return undefined;
  return asked.filter((grade) => grade === "right").length / asked.length;
}
