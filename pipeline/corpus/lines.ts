const newline = 0x0a;

/** Far more than any document: a line is held whole, as bytes, as text and as what it says. */
export const longestLineBytes = 2 ** 27;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without the newline; undefined if there are more than the limit, which are then dropped. */
  readonly bytes: Uint8Array | undefined;
  /** False for a last line without a newline. */
  readonly ended: boolean;
}

/**
 * Split bytes into lines at 0x0A and nothing else: U+2028 and the like belong to the text.
 *
 * @param maxLineBytes a longer line is passed over without being collected
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = longestLineBytes,
): AsyncGenerator<Line> {
  let number = 1;
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const hold = (piece: Uint8Array) => {
    heldBytes += piece.length;
    if (heldBytes > maxLineBytes) held = [];
    else held.push(piece);
  };
  const release = (ended: boolean): Line => {
    const bytes = heldBytes > maxLineBytes ? undefined : held.length === 1 ? held[0] : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    return { number: number++, bytes, ended };
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      hold(chunk.subarray(start, end));
      yield release(true);
      start = end + 1;
    }
    if (start < chunk.length) hold(chunk.subarray(start));
  }
  if (heldBytes > 0) yield release(false);
}
