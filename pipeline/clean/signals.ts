/** What the published filters go by, as one number each. */
import { scanLines } from "../text/lines.ts";
import { ngramRepetition } from "../text/repetition.ts";
import { scanWords } from "../text/words.ts";

export type Signals = Readonly<Record<string, number>>;

const topNgrams = [2, 3, 4];
const duplicateNgrams = [5, 6, 7, 8, 9, 10];

/** Gopher, quality and repetition (Rae et al. 2021, A.1.1 and table A1); shares are 0..1. */
export function gopherSignals(text: string): Signals {
  const words = scanWords(text);
  const lines = scanLines(text);
  const { topShares, duplicateShares } = ngramRepetition(words.hashes, words.lengths);
  const perWord = words.words === 0 ? 0 : 1 / words.words;
  return {
    gopher_words: words.words,
    gopher_mean_word_length: words.characters * perWord,
    gopher_symbol_ratio: Math.max(words.hashSigns, words.ellipses) * perWord,
    gopher_bullet_lines: lines.bulletShare,
    gopher_ellipsis_lines: lines.ellipsisShare,
    gopher_letter_words: words.wordsWithLetter * perWord,
    gopher_stop_words: words.stopWords,
    gopher_duplicate_lines: lines.duplicateLineShare,
    gopher_duplicate_paragraphs: lines.duplicateParagraphShare,
    gopher_duplicate_line_characters: lines.duplicateLineCharacterShare,
    gopher_duplicate_paragraph_characters: lines.duplicateParagraphCharacterShare,
    ...Object.fromEntries(topNgrams.map((n, index) => [`gopher_top_${n}gram`, topShares[index]!])),
    ...Object.fromEntries(
      duplicateNgrams.map((n, index) => [`gopher_duplicate_${n}grams`, duplicateShares[index]!]),
    ),
  };
}

/** A terminal mark, perhaps in quotes or brackets, before white space or the end. */
const sentenceEnd = /[.!?]["'”’)\]]*(?=\s|$)/g;
const terminalLine = /[.!?"”]$/;
const leastLineWords = 5;
/** Not in the paper, but in the code that made C4. */
const policy = /terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies/i;

/**
 * C4 (Raffel et al. 2020, section 2.2): lines that end in a terminal mark, have five words or more and tell of neither
 * Javascript nor policies are kept; sentences are those of the kept lines. Each of the four is a share of the lines
 * as well, and flags are 0 or 1.
 */
export function c4Signals(text: string): Signals {
  let lines = 0;
  let words = 0;
  let terminal = 0;
  let short = 0;
  let javascript = 0;
  let policies = 0;
  let kept = 0;
  let sentences = 0;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "") continue;
    lines++;
    const lineWords = line.split(/\s+/).length;
    const isTerminal = terminalLine.test(line) && !line.endsWith("...");
    const isShort = lineWords < leastLineWords;
    const hasJavascript = /javascript/i.test(line);
    const isPolicy = policy.test(line);
    words += lineWords;
    if (isTerminal) terminal++;
    if (isShort) short++;
    if (hasJavascript) javascript++;
    if (isPolicy) policies++;
    if (!isTerminal || isShort || hasJavascript || isPolicy) continue;
    kept++;
    // A line that ends in a quotation mark alone is a sentence as well.
    sentences += Math.max(1, line.match(sentenceEnd)?.length ?? 0);
  }
  return {
    c4_kept_lines: share(kept, lines),
    c4_terminal_lines: share(terminal, lines),
    c4_short_lines: share(short, lines),
    c4_javascript_lines: share(javascript, lines),
    c4_policy_lines: share(policies, lines),
    c4_line_words: share(words, lines),
    c4_sentences: sentences,
    c4_lorem_ipsum: /lorem ipsum/i.test(text) ? 1 : 0,
    c4_curly_bracket: text.includes("{") ? 1 : 0,
  };
}

const shortLineCharacters = 30;
const linePunctuation = /[.!?"'”’。！？…]$/;

/**
 * FineWeb's own three (Penedo et al. 2024, section 3.5), over lines that are not blank; and newlines per word, which
 * datatrove's filter of that name also limits (to .3).
 */
export function finewebSignals(text: string): Signals {
  const seen = new Set<string>();
  let lines = 0;
  let punctuated = 0;
  let short = 0;
  let characters = 0;
  let duplicated = 0;
  let words = 0;
  let newlines = -1;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    newlines++;
    if (line === "") continue;
    lines++;
    words += line.split(/\s+/).length;
    characters += line.length;
    if (linePunctuation.test(line)) punctuated++;
    if (line.length < shortLineCharacters) short++;
    if (seen.has(line)) duplicated += line.length;
    else seen.add(line);
  }
  return {
    fineweb_punctuated_lines: share(punctuated, lines),
    fineweb_short_lines: share(short, lines),
    fineweb_duplicate_line_characters: share(duplicated, characters),
    fineweb_newlines: share(newlines, words),
  };
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
