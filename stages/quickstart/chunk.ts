/**
 * Cut a text into pieces of about `words` words at the ends of sentences, preferring ends of paragraphs; a
 * last piece of less than a third of that joins the one before.
 *
 * @param paragraphs sentences of each paragraph
 */
export function chunkText(paragraphs: readonly (readonly string[])[], words: number): string[] {
  const chunks: string[][] = [];
  let current: string[] = [];
  let size = 0;
  const close = () => {
    if (current.length > 0) chunks.push(current);
    current = [];
    size = 0;
  };
  for (const sentences of paragraphs) {
    let paragraph = "";
    for (const sentence of sentences) {
      paragraph += `${paragraph === "" ? "" : " "}${sentence}`;
      size += countWords(sentence);
      if (size < words) continue;
      current.push(paragraph);
      paragraph = "";
      close();
    }
    if (paragraph !== "") current.push(paragraph);
    if (size > 0.8 * words) close();
  }
  if (size > 0 && size < words / 3 && chunks.length > 0) {
    chunks.at(-1)!.push(...current);
    current = [];
  }
  close();
  return chunks.map((chunk) => chunk.join("\n\n"));
}

/** Sentences of running text, cut after a full stop (or ? or !) before a capital letter. */
export function splitSentences(text: string): string[] {
  return text
    .trim()
    .split(/(?<=[.?!]["')]?)\s+(?=["'(]?[A-Z])/)
    .filter((sentence) => sentence !== "");
}

function countWords(text: string): number {
  return text.split(/\s+/).length;
}
