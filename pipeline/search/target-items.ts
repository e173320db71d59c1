/**
 * What a target's loss is made of. In bits per byte: the bits of each document, or of each right answer, over its bytes. By
 * accuracy: each question, 1 where it was answered wrongly. So a loss is a sum over a sum, and resampling items resamples it.
 */
import { InputError } from "../core/errors.ts";
import { bitsPerByte, type ProxyTarget } from "../proxy/proxy.ts";
import { gradeQuestions, rightAnswers } from "../proxy/questions.ts";
import type { Measure } from "../schema/measure.ts";
import type { TargetLoss } from "../schema/search.ts";
import { sumByGroup } from "./sum-by-group.ts";

type Judged = Pick<ProxyTarget, "name" | "questions" | "documentBytes">;

/**
 * Bytes, or 1 for a question; 0 for one with a single answer, which asks nothing.
 *
 * @throws InputError for a target measured by accuracy that asks nothing at all
 */
export function itemSizes(target: Judged, measure: Measure): number[] {
  if (measure === "bits-per-byte") return rightAnswers(target, target.documentBytes);
  // Whatever the losses are, they tell what is asked.
  const asked = gradeQuestions(target, target.documentBytes).map((grade) => Number(grade !== "not asked"));
  if (asked.includes(1)) return asked;
  throw new InputError(
    `target ${target.name} is measured by accuracy, but none of this side's documents has alternatives`,
    "give it questions: { context, continuation, alternatives }, or leave its measure out",
  );
}

/** Bits, or 1 for a wrong answer, in the order of the sizes. */
export function itemLosses(target: Judged, measure: Measure, documentNats: ArrayLike<number>): number[] {
  if (measure === "bits-per-byte") return rightAnswers(target, documentNats).map((nats) => nats / Math.LN2);
  return gradeQuestions(target, documentNats).map((grade) => Number(grade === "wrong"));
}

/** Groups of near duplicates that hold items of some size, in the order they first appear: what is resampled. */
export function groupSizes(target: Judged, measure: Measure, itemGroups: ArrayLike<number>): number[] {
  return sumByGroup(itemSizes(target, measure), itemGroups).filter((size) => size > 0);
}

/** Losses of the same groups. */
export function groupLosses(
  target: Judged,
  measure: Measure,
  itemGroups: ArrayLike<number>,
  documentNats: ArrayLike<number>,
): number[] {
  const sizes = sumByGroup(itemSizes(target, measure), itemGroups);
  return sumByGroup(itemLosses(target, measure, documentNats), itemGroups).filter((_, g) => sizes[g]! > 0);
}

/** The target's loss under one proxy. */
export function targetLoss(target: Judged, measure: Measure, documentNats: ArrayLike<number>): TargetLoss {
  const bits = bitsPerByte(rightAnswers(target, documentNats), rightAnswers(target, target.documentBytes));
  if (measure === "bits-per-byte") return { target: target.name, loss: bits };
  const loss = lossOver(itemLosses(target, measure, documentNats), itemSizes(target, measure));
  return { target: target.name, loss, bitsPerByte: bits };
}

/** A loss of items or groups. */
export function lossOver(losses: ArrayLike<number>, sizes: ArrayLike<number>): number {
  return sum(losses) / sum(sizes);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
