/** Decides what becomes of one document before anything else is known of the corpus. */
import type { CleanConfig, SignalSet } from "../schema/clean-config.ts";
import { BadWords } from "./bad-words.ts";
import { BlockedUrls } from "./blocked-urls.ts";
import { type DetectedLanguage, languageCode, loadLanguageDetector } from "./language.ts";
import { maskPersonalData } from "./personal-data.ts";
import { brokenRule, ruleSets } from "./rules.ts";
import { c4Signals, finewebSignals, gopherSignals, type Signals } from "./signals.ts";

interface Candidate {
  readonly text: string;
  readonly url: string | null;
  /** As the source has it. */
  readonly language?: string;
}

interface Cleaned {
  readonly text: string;
  readonly language?: string;
  /** One value for each of the cleaner's columns. */
  readonly signals: readonly (number | null)[];
  /** Addresses that were masked. */
  readonly addresses: number;
}

interface LeftOut {
  readonly reason: "blocked-url" | "other-language" | CleanConfig["rules"][number];
  readonly detail: string;
}

export interface Cleaner {
  /** Names of the signals it measures. */
  readonly columns: readonly string[];
  readonly clean: (document: Candidate) => Cleaned | LeftOut;
}

const measures: Readonly<Record<Exclude<SignalSet, "language">, (text: string) => Signals>> = {
  gopher: gopherSignals,
  c4: c4Signals,
  fineweb: finewebSignals,
};

const confidenceColumn = "language_confidence";

/** Counted where corpus.clean.badWords gives a list. */
const badWordsColumn = "c4_bad_words";

/** The columns of sets of signals, in the order a cleaner gives their values. */
export function signalColumns(
  sets: readonly SignalSet[],
  { badWords }: Pick<CleanConfig, "badWords">,
): string[] {
  return [...new Set(sets)].flatMap((set) => {
    if (set === "language") return [confidenceColumn];
    return [
      ...Object.keys(measures[set]("")),
      ...(set === "c4" && badWords.length > 0 ? [badWordsColumn] : []),
    ];
  });
}

/** @param lists contents of the files of clean.blockedUrls and clean.badWords */
export async function createCleaner(
  clean: CleanConfig,
  sets: readonly SignalSet[],
  lists: { readonly blockedUrls: readonly string[]; readonly badWords: readonly string[] },
): Promise<Cleaner> {
  const blocked = lists.blockedUrls.length === 0 ? undefined : new BlockedUrls(lists.blockedUrls);
  const bad = lists.badWords.length === 0 ? undefined : new BadWords(lists.badWords);
  const kept = clean.languages === null ? undefined : new Set(clean.languages.map(languageCode));
  const detect = sets.includes("language") || kept !== undefined ? await loadLanguageDetector() : undefined;
  const columns = signalColumns(sets, clean);
  const measured = sets.filter((set) => set !== "language");

  return {
    columns,
    clean: ({ text: raw, url, language: given }) => {
      const entry = url === null ? undefined : blocked?.entryFor(url);
      if (entry !== undefined) return { reason: "blocked-url", detail: `${url} falls under ${entry}` };
      const { text, addresses } = clean.maskPersonalData
        ? maskPersonalData(raw)
        : { text: raw, addresses: 0 };

      const found = sets.includes("language") || given === undefined ? detect?.(text) : undefined;
      const language = given ?? sureOf(found, clean.minLanguageConfidence);
      if (kept !== undefined && !kept.has(languageCode(language ?? ""))) {
        return { reason: "other-language", detail: describeLanguage(language, found) };
      }

      const signals = new Map<keyof typeof measures, Signals>();
      const measure = (set: keyof typeof measures): Signals => {
        const known = signals.get(set);
        if (known !== undefined) return known;
        const words = set === "c4" && bad !== undefined ? { [badWordsColumn]: bad.count(text) } : {};
        const found = { ...measures[set](text), ...words };
        signals.set(set, found);
        return found;
      };
      for (const set of clean.rules) {
        const broken = brokenRule(set, measure(ruleSets[set].signals));
        if (broken !== undefined) return { reason: set, detail: broken };
      }
      const values: Signals = Object.assign({}, ...measured.map(measure));
      return {
        text,
        ...(language === undefined ? {} : { language }),
        signals: columns.map((name) =>
          name === confidenceColumn ? (found?.confidence ?? null) : values[name]!,
        ),
        addresses,
      };
    },
  };
}

function sureOf(found: DetectedLanguage | undefined, least: number): string | undefined {
  return found !== undefined && found.confidence >= least ? found.language : undefined;
}

function describeLanguage(language: string | undefined, found: DetectedLanguage | undefined): string {
  if (language !== undefined) return `language ${language}`;
  if (found === undefined) return "no language was detected";
  return `perhaps ${found.language}, with a confidence of ${found.confidence.toFixed(2)}`;
}
