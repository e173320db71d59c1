/** What the line rules of Gopher and C4 count in a text. All shares are 0 for a text without lines. */
export interface LineScan {
  lines: number;
  /** Share of the lines that start with a bullet. */
  bulletShare: number;
  /** Share of the lines that end with an ellipsis. */
  ellipsisShare: number;
  /** Share of the lines that repeat an earlier one, and their share of the characters. */
  duplicateLineShare: number;
  duplicateLineCharacterShare: number;
  duplicateParagraphShare: number;
  duplicateParagraphCharacterShare: number;
  /** Share of the words in lines that C4 would keep. */
  keptWordShare: number;
}

const bullet = /^(?:[•‣◦⁃∙▪●○■□·]|[-*–—+] )/;
/** C4 removes lines that speak of Javascript (paper) or of these policies (its code). */
const webNotice =
  /javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies/i;

const minLineWords = 3;
/** A line this long whose successor is neither blank nor a list item was broken by a mailer or editor. */
const wrappedCharacters = 40;

/**
 * Lines as Gopher counts them (Rae et al. 2021, A.1.1 and table A1), and the words C4 (Raffel et al. 2020, section 2.2)
 * would keep: lines that end in a terminal punctuation mark, have at least three words and are no web notice.
 *
 * C4 saw one line per HTML block. Hard-wrapped text is joined again before its rules are applied.
 */
export function scanLines(text: string): LineScan {
  const mayHaveNotice = webNotice.test(text);
  const lines = new Repeats();
  const paragraphs = new Repeats();
  let bullets = 0;
  let ellipses = 0;
  let words = 0;
  let keptWords = 0;
  // The joined line being read: its words, whether it is a web notice, and its last line so far.
  let joinedWords = 0;
  let isNotice = false;
  let last = "";
  let paragraph = "";

  const endJoined = () => {
    words += joinedWords;
    if (joinedWords >= minLineWords && !isNotice && endsSentence(last)) keptWords += joinedWords;
    joinedWords = 0;
    isNotice = false;
    last = "";
  };
  const endParagraph = () => {
    endJoined();
    if (paragraph !== "") paragraphs.add(paragraph);
    paragraph = "";
  };

  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "") {
      endParagraph();
      continue;
    }
    const isBullet = bullet.test(line);
    if (isBullet) bullets++;
    if (endsInEllipsis(line)) ellipses++;
    lines.add(line);
    if (last.length < wrappedCharacters || isBullet || endsSentence(last)) endJoined();
    joinedWords += countWords(line);
    isNotice ||= mayHaveNotice && webNotice.test(line);
    last = line;
    paragraph = paragraph === "" ? line : `${paragraph}\n${line}`;
  }
  endParagraph();

  const count = lines.count;
  return {
    lines: count,
    bulletShare: share(bullets, count),
    ellipsisShare: share(ellipses, count),
    duplicateLineShare: lines.share,
    duplicateLineCharacterShare: lines.characterShare,
    duplicateParagraphShare: paragraphs.share,
    duplicateParagraphCharacterShare: paragraphs.characterShare,
    keptWordShare: share(keptWords, words),
  };
}

function endsInEllipsis(line: string): boolean {
  return line.endsWith("...") || line.endsWith("…");
}

/** A full stop, exclamation or question mark, inside closing quotes and brackets or not, or a double quote. */
function endsSentence(line: string): boolean {
  if (endsInEllipsis(line)) return false;
  let end = line.length - 1;
  while (end > 0 && "\"'”’»)]".includes(line[end]!)) end--;
  return ".!?。！？".includes(line[end] ?? " ") || line.endsWith('"') || line.endsWith("”");
}

/** Counts pieces of text and those that came before. */
class Repeats {
  readonly #seen = new Set<string>();
  #repeats = 0;
  #characters = 0;
  #repeatedCharacters = 0;
  count = 0;

  add(piece: string): void {
    this.count++;
    this.#characters += piece.length;
    if (this.#seen.has(piece)) {
      this.#repeats++;
      this.#repeatedCharacters += piece.length;
    } else this.#seen.add(piece);
  }

  get share(): number {
    return share(this.#repeats, this.count);
  }

  get characterShare(): number {
    return share(this.#repeatedCharacters, this.#characters);
  }
}

function countWords(line: string): number {
  let words = 0;
  let inWord = false;
  for (let i = 0; i < line.length; i++) {
    const isSpace = line.charCodeAt(i) <= 0x20;
    if (!isSpace && !inWord) words++;
    inWord = !isSpace;
  }
  return words;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
