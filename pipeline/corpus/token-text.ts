/** Ends a document in GPT-2's vocabulary; tokenised corpora keep it. */
const endOfText = 50_256;

/**
 * Turns GPT-2 token ids back into the text they were made of; undefined if an id is none.
 * Bytes that are no UTF-8, such as half a character where a document was cut, become U+FFFD.
 */
export async function loadTokenDecoder(): Promise<(ids: readonly unknown[]) => string | undefined> {
  const { default: ranks } = await import("gpt-tokenizer/bpeRanks/r50k_base");
  const bytesOf = Array.from(ranks, (token) => Buffer.from(token as string));
  bytesOf[endOfText] = Buffer.from("<|endoftext|>");
  // gpt-tokenizer's own decode keeps half a character for the next text, and loses a byte order mark in the first.
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  return (ids) => {
    const known = ids.every(
      (id) => typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= endOfText,
    );
    if (!known) return undefined;
    const inner = ids as number[];
    const from = inner[0] === endOfText ? 1 : 0;
    const to = inner.at(-1) === endOfText ? inner.length - 1 : inner.length;
    const parts = inner.slice(from, Math.max(from, to)).map((id) => bytesOf[id]!);
    return utf8.decode(Buffer.concat(parts));
  };
}
