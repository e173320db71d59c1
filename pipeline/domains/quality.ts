import { type LineScan, scanLines } from "../text/lines.ts";
import { advertisementScore, type PromotionSignals, promotionSignals } from "./promotion.ts";
import { ramp } from "./ramp.ts";
import { type NgramRepetition, ngramRepetition } from "../text/repetition.ts";
import { scanWords, type WordScan } from "../text/words.ts";

export interface DocumentScores {
  /** 0..5; 5 passes every rule. */
  quality: number;
  /** 0..5; 5 has no promotion at all. */
  advertisement: number;
  /** What the two were computed from. */
  signals: QualitySignals & PromotionSignals;
}

/** The five points of `quality`, 0..1 each, then what they were computed from. */
interface QualitySignals extends LineScan, NgramRepetition {
  sizeCredit: number;
  wordCredit: number;
  lineCredit: number;
  repetitionCredit: number;
  residueCredit: number;
  words: number;
  meanWordLength: number;
  /** '#' or ellipses per word, whichever is more. */
  symbolRatio: number;
  /** Share of the words with at least one letter. */
  letterWordShare: number;
  stopWords: number;
  /** '{' and '}' per word. */
  curlyBracketRatio: number;
  loremIpsum: boolean;
}

// Gopher's largest fractions, table A1.
const maxDuplicateShare = 0.3;
const maxDuplicateCharacterShare = 0.2;
const maxTopShares = [0.2, 0.18, 0.16];
const maxDuplicateNgramShares = [0.15, 0.14, 0.13, 0.12, 0.11, 0.1];

const loremIpsum = /lorem ipsum/i;

/**
 * Scores one English document by the published filter rules: Gopher's (Rae et al. 2021, A.1.1 and table A1) and C4's
 * (Raffel et al. 2020, section 2.2). Where those drop a document, this takes away points, so that means over a cluster
 * and quantiles over clusters say something.
 *
 * quality is the sum of five credits of 0..1; each is its worst rule's, 1 while the rule is kept and falling linearly
 * to 0 at the bound after "to":
 *
 *     size        50 words, to 0; 100,000 words, to 200,000
 *     words       mean length 3..10, to 1.5 and 20; '#' or ellipses per word 0.1, to 0.2; words with a letter 0.8,
 *                 to 0.4; two of eight stop words, to none
 *     lines       bullets 0.9, to 1; ellipsis endings 0.3, to 0.6; share of the words in lines C4 keeps: the credit
 *     repetition  repeated lines, paragraphs and n-grams: Gopher's fraction, to twice that
 *     residue     curly brackets per word 0, to 0.02; "lorem ipsum": nothing left
 *
 * Other languages lose the stop-word half point of `words`; words are what white space separates.
 */
export function scoreDocument(text: string): DocumentScores {
  const scan = scanWords(text);
  const signals = qualitySignals(text, scan);
  const promotion = promotionSignals(text, scan);
  return {
    quality:
      signals.sizeCredit +
      signals.wordCredit +
      signals.lineCredit +
      signals.repetitionCredit +
      signals.residueCredit,
    advertisement: advertisementScore(promotion),
    signals: { ...signals, ...promotion },
  };
}

function qualitySignals(text: string, scan: WordScan): QualitySignals {
  const lines = scanLines(text);
  const repetition = ngramRepetition(scan.hashes, scan.lengths);
  const perWord = scan.words === 0 ? 0 : 1 / scan.words;
  const meanWordLength = scan.characters * perWord;
  const symbolRatio = Math.max(scan.hashSigns, scan.ellipses) * perWord;
  const letterWordShare = scan.wordsWithLetter * perWord;
  const curlyBracketRatio = scan.curlyBrackets * perWord;
  const hasLoremIpsum = loremIpsum.test(text);
  return {
    sizeCredit: Math.min(ramp(scan.words, 50, 0), ramp(scan.words, 100_000, 200_000)),
    wordCredit: Math.min(
      ramp(meanWordLength, 3, 1.5),
      ramp(meanWordLength, 10, 20),
      ramp(symbolRatio, 0.1, 0.2),
      ramp(letterWordShare, 0.8, 0.4),
      ramp(scan.stopWords, 2, 0),
    ),
    lineCredit: Math.min(
      ramp(lines.bulletShare, 0.9, 1),
      ramp(lines.ellipsisShare, 0.3, 0.6),
      lines.keptWordShare,
    ),
    repetitionCredit: repetitionCredit(lines, repetition),
    residueCredit: hasLoremIpsum ? 0 : ramp(curlyBracketRatio, 0, 0.02),
    words: scan.words,
    meanWordLength,
    symbolRatio,
    letterWordShare,
    stopWords: scan.stopWords,
    curlyBracketRatio,
    loremIpsum: hasLoremIpsum,
    ...lines,
    ...repetition,
  };
}

/** 1 up to the limit, 0 from twice the limit on. */
function upTo(share: number, limit: number): number {
  return ramp(share, limit, 2 * limit);
}

function repetitionCredit(lines: LineScan, { topShares, duplicateShares }: NgramRepetition): number {
  return Math.min(
    upTo(lines.duplicateLineShare, maxDuplicateShare),
    upTo(lines.duplicateParagraphShare, maxDuplicateShare),
    upTo(lines.duplicateLineCharacterShare, maxDuplicateCharacterShare),
    upTo(lines.duplicateParagraphCharacterShare, maxDuplicateCharacterShare),
    ...topShares.map((share, i) => upTo(share, maxTopShares[i]!)),
    ...duplicateShares.map((share, i) => upTo(share, maxDuplicateNgramShares[i]!)),
  );
}
