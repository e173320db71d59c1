/** Ends a document in GPT-2's vocabulary; tokenised corpora keep it. */
const endOfText = 50_256;

/** Turns GPT-2 token ids back into the text they were made of; undefined if an id is none. */
export async function loadTokenDecoder(): Promise<(ids: readonly unknown[]) => string | undefined> {
  const { decode } = await import("gpt-tokenizer/encoding/r50k_base");
  return (ids) => {
    const known = ids.every(
      (id) => typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= endOfText,
    );
    if (!known) return undefined;
    const inner = ids as number[];
    const from = inner[0] === endOfText ? 1 : 0;
    const to = inner.at(-1) === endOfText ? inner.length - 1 : inner.length;
    return decode(inner.slice(from, Math.max(from, to)));
  };
}
