import type { CleanConfig, SignalSet } from "../schema/clean-config.ts";
import type { Signals } from "./signals.ts";

type RuleSet = CleanConfig["rules"][number];

interface Rule {
  readonly signal: string;
  readonly min?: number;
  readonly max?: number;
}

/** Signals and the bounds a document must keep, inclusive, as published. */
export const ruleSets: Readonly<
  Record<RuleSet, { readonly signals: Exclude<SignalSet, "language">; readonly rules: readonly Rule[] }>
> = {
  // Rae et al. 2021, A.1.1.
  gopher: {
    signals: "gopher",
    rules: [
      { signal: "gopher_words", min: 50, max: 100_000 },
      { signal: "gopher_mean_word_length", min: 3, max: 10 },
      { signal: "gopher_symbol_ratio", max: 0.1 },
      { signal: "gopher_bullet_lines", max: 0.9 },
      { signal: "gopher_ellipsis_lines", max: 0.3 },
      { signal: "gopher_letter_words", min: 0.8 },
      { signal: "gopher_stop_words", min: 2 },
    ],
  },
  // Rae et al. 2021, table A1.
  "gopher-repetition": {
    signals: "gopher",
    rules: [
      { signal: "gopher_duplicate_lines", max: 0.3 },
      { signal: "gopher_duplicate_paragraphs", max: 0.3 },
      { signal: "gopher_duplicate_line_characters", max: 0.2 },
      { signal: "gopher_duplicate_paragraph_characters", max: 0.2 },
      { signal: "gopher_top_2gram", max: 0.2 },
      { signal: "gopher_top_3gram", max: 0.18 },
      { signal: "gopher_top_4gram", max: 0.16 },
      { signal: "gopher_duplicate_5grams", max: 0.15 },
      { signal: "gopher_duplicate_6grams", max: 0.14 },
      { signal: "gopher_duplicate_7grams", max: 0.13 },
      { signal: "gopher_duplicate_8grams", max: 0.12 },
      { signal: "gopher_duplicate_9grams", max: 0.11 },
      { signal: "gopher_duplicate_10grams", max: 0.1 },
    ],
  },
  // Raffel et al. 2020, section 2.2, for whole pages; lines are not taken out.
  c4: {
    signals: "c4",
    rules: [
      { signal: "c4_sentences", min: 3 },
      { signal: "c4_lorem_ipsum", max: 0 },
      { signal: "c4_curly_bracket", max: 0 },
    ],
  },
  "c4-bad-words": { signals: "c4", rules: [{ signal: "c4_bad_words", max: 0 }] },
  // Penedo et al. 2024, section 3.5: dropped at .12 and below, at .1 and above, at .67 and above.
  fineweb: {
    signals: "fineweb",
    rules: [
      { signal: "fineweb_punctuated_lines", min: 0.12 + Number.EPSILON },
      { signal: "fineweb_duplicate_line_characters", max: 0.1 - Number.EPSILON },
      { signal: "fineweb_short_lines", max: 0.67 - Number.EPSILON },
    ],
  },
};

/** The first rule the text breaks, as "gopher_words 12, at least 50"; undefined if it keeps all. */
export function brokenRule(set: RuleSet, signals: Signals): string | undefined {
  for (const { signal, min, max } of ruleSets[set].rules) {
    const value = signals[signal]!;
    const shown = `${signal} ${Number(value.toPrecision(4))}`;
    if (min !== undefined && value < min) return `${shown}, at least ${Number(min.toFixed(6))}`;
    if (max !== undefined && value > max) return `${shown}, at most ${Number(max.toFixed(6))}`;
  }
  return undefined;
}
