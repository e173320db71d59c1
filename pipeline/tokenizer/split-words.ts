/**
 * GPT-2's pattern: contractions, then letters, digits or other signs with the space before them, then white space.
 * White space is JavaScript's, as in transformers.js; Hugging Face's Rust tokenizers differ in U+FEFF and U+0085.
 */
const pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The words of a text, which no token crosses; joined they are the text. */
export function splitWords(text: string): string[] {
  return text.match(pattern) ?? [];
}
