/** What Python's str.split() takes for white space: JavaScript's, U+FEFF apart, four separators of ASCII and U+0085. */
const whiteSpace = /(?:[^\S\uFEFF]|[\x1C-\x1F\x85])+/; // oxlint-disable-line no-control-regex

/**
 * The text as NVIDIA's recipe gives it to its fastText classifiers (NeMo Curator, nemotron-climb-data-curation,
 * 3_prune.py): line feeds become the word "<newline>", the signs . ! ? , ' / ( ) stand alone, letters are lowered, and
 * words are separated by one space.
 */
export function recipeText(text: string): string {
  return text
    .replaceAll("\n", "<newline>")
    .replaceAll(/[.!?,'/()]/g, " $& ")
    .toLowerCase()
    .split(whiteSpace)
    .filter((word) => word !== "")
    .join(" ");
}
