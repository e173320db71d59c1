import type { FinalMixture, Verdict } from "../schema/search.ts";

/**
 * What the final table allows one to say. Only found against natural decides, on text neither the search nor
 * the choice of the final candidate has seen; an interval that holds zero is no gain.
 */
export function judge(found: FinalMixture): Verdict {
  const { differenceToNatural: difference, differenceInterval: interval } = found;
  const claim = interval.high < 0 ? "gain" : interval.low > 0 ? "loss" : "no gain beyond noise";
  const range = `${signed(interval.low)} to ${signed(interval.high)}`;
  const size = `${signed(difference)} bits per byte (95 % interval ${range})`;
  const texts = {
    gain: `The found mixture beats the natural one on held-out text: ${size}.`,
    loss: `The found mixture is worse than the natural one on held-out text: ${size}. Do not use it.`,
    "no gain beyond noise": `The found mixture's difference to the natural one is within noise: ${size}.`,
  };
  return { claim, differenceBitsPerByte: difference, interval, text: texts[claim] };
}

function signed(value: number): string {
  return `${value > 0 ? "+" : value < 0 ? "\u2212" : ""}${Math.abs(value).toFixed(4)}`;
}
