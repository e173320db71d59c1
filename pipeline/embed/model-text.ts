/** Far above the characters of any ordinary token; only runs of spaces or of one word need more. */
const charactersPerToken = 32;

/**
 * The text a model is given: prefix first, and without the far end of a long document, which would be
 * tokenised (a megabyte takes a second) only to be cut off at `maxTokens`.
 */
export function modelText(text: string, prefix: string, maxTokens: number): string {
  return prefix + text.slice(0, maxTokens * charactersPerToken);
}
