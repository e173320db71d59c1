/**
 * Is the proxy good enough to rank mixtures? An under-trained one gives noise that looks like signal, and one that has
 * not left the bigrams behind ranks by luck of how far it got.
 */
import { mean } from "../math/stats.ts";
import { type Unit, withUnit } from "../schema/measure.ts";
import type { ProxyCheck } from "../schema/search.ts";

export interface ProxyMeasurements {
  readonly use: ProxyCheck["use"];
  readonly proxy: string;
  /** Of the objective. */
  readonly unit: Unit;
  /** Objective of each mixture under each seed: at least two of both. */
  readonly objective: readonly (readonly number[])[];
  /** Objective of further mixtures under one seed, which tell how far mixtures lie apart; else the above do. */
  readonly others?: readonly number[];
  /** What the natural mixture's proxy and a bigram model that read the same tokens need for the targets. */
  readonly bigram: { readonly proxyBitsPerByte: number; readonly bigramBitsPerByte: number } | null;
}

/** With more noise than this share of the spread, a single trial's rank is less than four fifths signal. */
const mostNoise = 0.5;

export function checkProxy({ use, proxy, unit, objective, others, bigram }: ProxyMeasurements): ProxyCheck {
  const seeds = objective[0]?.length ?? 0;
  const seedDeviation = pairedDeviation(objective);
  const single = others ?? objective.map((row) => mean(row));
  // What is seen of the spread holds noise as well.
  const noise = seedDeviation ** 2 / (others === undefined ? seeds : 1);
  const spread = Math.sqrt(Math.max(0, variance(single) - noise));
  const warnings: string[] = [];
  const remedy =
    "train longer (budget.proxyTokens or the proxy's tokens), start warm, or compare fewer mixtures";
  const moreQuestions = unit === "bits per byte" ? "" : "ask more questions, ";
  if (seedDeviation > mostNoise * spread) {
    warnings.push(
      `two seeds of the ${use} proxy differ by ${withUnit(seedDeviation.toFixed(4), unit)} where mixtures differ by ` +
        `${spread.toFixed(4)}: ${moreQuestions}${remedy}`,
    );
  }
  if (bigram !== null && bigram.proxyBitsPerByte >= bigram.bigramBitsPerByte) {
    warnings.push(
      `the ${use} proxy (${bigram.proxyBitsPerByte.toFixed(4)} bits per byte) does not beat a bigram model of the same ` +
        `tokens (${bigram.bigramBitsPerByte.toFixed(4)}): ${remedy}`,
    );
  }
  return { use, proxy, mixtures: objective.length, seeds, seedDeviation, spread, bigram, warnings };
}

/** Deviation between seeds of a difference between mixtures, per mixture: what all mixtures of a seed share is no noise. */
function pairedDeviation(objective: readonly (readonly number[])[]): number {
  const seeds = objective[0]?.length ?? 0;
  if (objective.length < 2 || seeds < 2) {
    throw new RangeError(`mixtures=${objective.length} and seeds=${seeds} should both be >= 2`);
  }
  const grand = mean(objective.flat());
  const seedMeans = Array.from({ length: seeds }, (_, seed) => mean(objective.map((row) => row[seed]!)));
  let squares = 0;
  for (const row of objective) {
    const own = mean(row);
    row.forEach((value, seed) => (squares += (value - own - seedMeans[seed]! + grand) ** 2));
  }
  return Math.sqrt(squares / ((objective.length - 1) * (seeds - 1)));
}

function variance(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}
