/** What a target's loss is, and what losses, objectives and their differences are counted in. Lower is better in each. */
import { z } from "zod";

export const Measure = z.enum(["bits-per-byte", "accuracy"]);

export const Unit = z.enum(["bits per byte", "error rate", "weighted bits per byte and error rate"]);

export type Measure = z.infer<typeof Measure>;
export type Unit = z.infer<typeof Unit>;

export function unitOf(measure: Measure): Unit {
  return measure === "accuracy" ? "error rate" : "bits per byte";
}

type Weighed = readonly { readonly weight: number; readonly measure: Measure }[];

/** The units of the targets that count, each once. */
export function countedUnits(targets: Weighed): Unit[] {
  return [...new Set(targets.filter(({ weight }) => weight > 0).map(({ measure }) => unitOf(measure)))];
}

/** The unit of the objective: that of the targets that count. */
export function objectiveUnit(targets: Weighed): Unit {
  const [first = "bits per byte", ...others] = countedUnits(targets);
  return others.length > 0 ? "weighted bits per byte and error rate" : first;
}

/** "-0.0301 bits per byte", "-0.0120 in error rate". */
export function withUnit(number: string, unit: Unit): string {
  return unit === "bits per byte" ? `${number} ${unit}` : `${number} in ${unit}`;
}
