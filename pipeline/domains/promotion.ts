import { ramp } from "./ramp.ts";
import type { WordScan } from "../text/words.ts";

/** Promotional signals; all but capitalShare are counts per 100 words (of at least 50). */
export interface PromotionSignals {
  salesPhrases: number;
  moneyAmounts: number;
  percentOff: number;
  freeWords: number;
  exclamations: number;
  webAddresses: number;
  /** Share of the words written in capitals. */
  capitalShare: number;
}

const salesPhrase = new RegExp(
  `\\b(?:${[
    "click (?:here|below|on the link|the link)",
    "(?:buy|order|call|act|apply|shop|register|book|join|subscribe|sign up|enroll) (?:now|today)",
    "(?:order|shop|buy) online",
    "sign up (?:for|to)",
    "add to (?:cart|basket|bag)",
    "limited[- ]time",
    "(?:special|exclusive|limited) offers?",
    "while supplies last",
    "free (?:shipping|trial|quote|delivery|gift|sample|consultation|estimate)s?",
    "money[- ]back",
    "satisfaction guaranteed",
    "100% (?:free|guaranteed|satisfaction)",
    "risk[- ]free",
    "no (?:obligation|purchase necessary|credit check)",
    "(?:best|lowest|great|discount|sale|low) prices?",
    "(?:to be|be) removed from",
    "unsubscribe",
    "opt[- ]out",
    "our (?:newsletter|mailing list)",
    "toll[- ]free",
    "earn (?:money|cash|extra|\\$)",
    "work (?:from|at) home",
    "dear (?:friend|customer|sir or madam)",
    "(?:promo|coupon|discount) codes?",
    "sponsored (?:by|content|post)",
    "(?:visit|see) our (?:website|web site|store|shop|site)",
    "don['’]t miss",
    "hurry",
    "you(?: have|['’]ve) won",
    "all major credit cards",
  ].join("|")})\\b`,
  "gi",
);
const moneyAmount = /[$£€]\s?\d|\b\d[\d,.]*\s?(?:dollars|usd|euros?|eur|gbp)\b/gi;
const percentOff =
  /\b\d{1,3}(?:%|\spercent)\s?(?:off|discount|savings)\b|\bsave\s(?:up to\s)?(?:[$£€]\s?)?\d/gi;
const freeWord = /\bfree\b/gi;
const webAddress = /\bhttps?:\/\/|\bwww\.|\bmailto:/gi;

/** The rate at which a signal counts in full, and the share of the score it then takes away. */
const penalties: Record<keyof PromotionSignals, { full: number; weight: number }> = {
  salesPhrases: { full: 1.5, weight: 0.8 },
  moneyAmounts: { full: 2, weight: 0.4 },
  percentOff: { full: 0.5, weight: 0.4 },
  freeWords: { full: 1, weight: 0.4 },
  exclamations: { full: 3, weight: 0.5 },
  webAddresses: { full: 5, weight: 0.2 },
  capitalShare: { full: 0.2, weight: 0.4 },
};

/** Counts the signals in English text; `scan` is that of the same text. */
export function promotionSignals(text: string, scan: WordScan): PromotionSignals {
  const perHundredWords = 100 / Math.max(50, scan.words);
  const rate = (pattern: RegExp) => (text.match(pattern)?.length ?? 0) * perHundredWords;
  return {
    salesPhrases: rate(salesPhrase),
    moneyAmounts: rate(moneyAmount),
    percentOff: rate(percentOff),
    freeWords: rate(freeWord),
    exclamations: scan.exclamations * perHundredWords,
    webAddresses: rate(webAddress),
    capitalShare: scan.words === 0 ? 0 : scan.capitalWords / Math.max(50, scan.words),
  };
}

/**
 * 0..5, 5 = no promotion: the direction of the paper's advertisement score (App. D.11), whose fastText model this
 * stands in for. 5 * product over the signals of (1 - weight * min(1, rate / full)), so that no signal alone decides.
 *
 * The signals are those hand-written mail filters look at (SpamAssassin's money, "click here", capitals and address
 * rules); the weights are ours, set by hand. That of web addresses was lowered after seeing that the wanted mail of the
 * SpamAssassin collection has more of them than its spam.
 */
export function advertisementScore(signals: PromotionSignals): number {
  let score = 5;
  for (const [name, { full, weight }] of Object.entries(penalties)) {
    score *= 1 - weight * ramp(signals[name as keyof PromotionSignals], full, 0);
  }
  return score;
}
