/** Plain text from a part-of-speech tagged text of the Brown corpus. */

/** Words and signs that nothing stands before, or after. */
const noSpaceBefore = /^([,.;:?!)\]]|'')$/;
const noSpaceAfter = /^([([]|``)$/;

/**
 * Paragraphs of sentences. In the file a sentence is a line of `word/tag`, blank lines end a paragraph, and
 * the words of a headline have tags that end in -hl: it becomes a paragraph of its own.
 */
export function brownParagraphs(tagged: string): string[][] {
  // A quote that closes after ? or ! stands at the start of the next line.
  const lines = tagged.replaceAll(/\n\s*''\/''(?=\s)/g, " ''/''\n").split("\n");
  const paragraphs: string[][] = [[]];
  for (const line of lines) {
    const sentence = plainSentence(line);
    const headline =
      sentence !== "" &&
      line
        .trim()
        .split(/\s+/)
        .every((item) => /-hl$|\/\W+$/.test(item));
    if (sentence === "" || headline) paragraphs.push([]);
    if (sentence !== "") paragraphs.at(-1)!.push(sentence);
    if (headline) paragraphs.push([]);
  }
  return paragraphs.filter((sentences) => sentences.length > 0);
}

/** The text of one tagged sentence: `` and '' become ", signs join the words they belong to. */
export function plainSentence(tagged: string): string {
  let text = "";
  let glue = true;
  let previous = "";
  let singleQuoteOpen = false;
  for (const item of tagged.trim().split(/\s+/)) {
    // Words may hold slashes of their own (1/2/cd); the tag follows the last.
    const word = item.slice(0, Math.max(0, item.lastIndexOf("/")));
    // The corpus writes ; ? and ! twice.
    if (word === "" || (word === previous && /^[;?!]$/.test(word))) continue;
    const closing = word === "'" && singleQuoteOpen;
    const opening = word === "'" && !singleQuoteOpen;
    text += glue || noSpaceBefore.test(word) || closing ? "" : " ";
    text += word === "``" || word === "''" ? '"' : word;
    glue = noSpaceAfter.test(word) || opening;
    if (word === "'") singleQuoteOpen = !singleQuoteOpen;
    previous = word;
  }
  return text;
}
