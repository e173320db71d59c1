import { type Unit, withUnit } from "../schema/measure.ts";
import type { SearchResult, Verdict } from "../schema/search.ts";
import type { Difference, FinalTable } from "./final-table.ts";
import { type Guard, judgeGuards } from "./guards.ts";

/** Below this many independent pieces of text, resampling them says little about how sure a difference is. */
const minGroups = 20;

/**
 * What the final table allows one to say. Only found against natural decides, on text neither the search nor
 * the choice of the final candidate has seen; an interval that holds zero is no gain, and on
 * too little text no interval is to be trusted.
 */
export function judge(
  table: FinalTable,
  guards: readonly Guard[] = [],
  objective: SearchResult["objective"] = "mean",
  unit: Unit = "bits per byte",
): Verdict {
  const againstNatural = table.difference("found", "natural");
  const againstRandom = table.difference("found", "best-random");
  const { difference, interval } = againstNatural;
  const found = table.rows.find(({ name }) => name === "found")!;
  const guarded = judgeGuards(found, guards);
  const broken = guarded.filter(({ kept }) => !kept).map(({ target }) => target);
  const claim =
    table.fewestGroups < minGroups
      ? "too little confirm text"
      : broken.length > 0
        ? "guard not kept"
        : interval.high < 0
          ? "gain"
          : interval.low > 0
            ? "loss"
            : "no gain beyond noise";
  const opening = {
    gain: "The found mixture beats the natural one on held-out text",
    loss: "The found mixture is worse than the natural one on held-out text, do not use it",
    "no gain beyond noise": "The found mixture's difference to the natural one is within noise",
    "guard not kept": `The found mixture is not shown to keep ${broken.join(", ")} as good as under the natural one; on average`,
    "too little confirm text": `No verdict: a target has only ${table.fewestGroups} independent confirm documents, ${minGroups} are needed; measured`,
  };
  return {
    claim,
    difference,
    interval,
    againstRandom,
    guards: guarded,
    text: `${opening[claim]}${objective === "worst" ? ", in the target that gains least" : ""}: ${describe(againstNatural, unit)}. Against the best of as many random mixtures: ${describe(againstRandom, unit)}.`,
  };
}

function describe({ difference, interval }: Difference, unit: Unit): string {
  return `${withUnit(signed(difference), unit)} (95 % interval ${signed(interval.low)} to ${signed(interval.high)})`;
}

function signed(value: number): string {
  return `${value > 0 ? "+" : value < 0 ? "\u2212" : ""}${Math.abs(value).toFixed(4)}`;
}
