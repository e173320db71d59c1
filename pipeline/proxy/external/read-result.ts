import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ClimbError } from "../../core/errors.ts";
import { TrainerResult } from "./protocol.ts";

/** A trainer left something that is no result. */
export class BadResultError extends ClimbError {}

/** What a result must answer. */
export interface Expected {
  readonly requestHash: string;
  readonly tokens: number;
  /** Name and number of documents. */
  readonly targets: readonly { readonly name: string; readonly documents: number }[];
}

/**
 * A trainer's result, or undefined where there is none.
 *
 * @throws BadResultError saying what is wrong: torn, not a number, for another request, short of documents or tokens
 */
export async function readResult(path: string, expected: Expected): Promise<TrainerResult | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const bad = (problem: string, hint: string) => new BadResultError(`${path} ${problem}`, hint);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    if (/[:[,]\s*-?(NaN|Infinity)\b/.test(text)) {
      throw bad(
        "holds NaN or Infinity: the training diverged",
        "lower the learning rate, or clip the gradient",
      );
    }
    throw bad(
      `is no JSON: it ends with ${JSON.stringify(text.slice(-30))}`,
      "the trainer should write it under another name and rename it when it is whole",
    );
  }
  const parsed = TrainerResult.safeParse(json);
  if (!parsed.success) {
    throw bad(`is not as it should be:\n${z.prettifyError(parsed.error)}`, "see the protocol in README.md");
  }
  const result = parsed.data;
  if (result.requestHash !== expected.requestHash) {
    throw bad(
      `answers request ${result.requestHash.slice(0, 12)} instead of ${expected.requestHash.slice(0, 12)}`,
      "the trainer should repeat the requestHash of the request it was given",
    );
  }
  if (result.tokensSeen !== expected.tokens) {
    throw bad(
      `saw ${result.tokensSeen} tokens of ${expected.tokens}`,
      "the trainer should read every sequence of the plan once",
    );
  }
  for (const { name, documents } of expected.targets) {
    const found = result.targets.find((target) => target.name === name);
    if (found?.documentNats.length !== documents) {
      throw bad(
        `has ${found === undefined ? "no" : found.documentNats.length} documents of target ${name}, which has ${documents}`,
        "the trainer should measure every document of every target, in order",
      );
    }
    const broken = found.documentNats.findIndex((nats) => !(Number.isFinite(nats) && nats >= 0));
    if (broken >= 0) {
      throw bad(
        `says document ${broken} of target ${name} takes ${found.documentNats[broken]} nats`,
        "-ln p is 0 or more",
      );
    }
  }
  return result;
}
