/** The text's beginning in at most `maxCharacters` (UTF-16 units), white space collapsed, cut at a word and marked "…". */
export function excerpt(text: string, maxCharacters: number): string {
  // Enough raw text for the cut: collapsing a whole book for three lines would be slow.
  const start = text.trimStart().slice(0, 8 * maxCharacters + 64);
  const flat = start.replaceAll(/\s+/g, " ").trimEnd();
  if (flat.length <= maxCharacters) return flat;
  const room = flat.slice(0, maxCharacters - 1);
  const lastSpace = flat[maxCharacters - 1] === " " ? room.length : room.lastIndexOf(" ");
  const cut = lastSpace > 0 ? room.slice(0, lastSpace) : room.replace(/[\uD800-\uDBFF]$/, "");
  return `${cut}…`;
}
