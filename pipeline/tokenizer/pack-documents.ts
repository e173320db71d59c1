import type { Random } from "../math/random.ts";

interface Documents {
  readonly tokens: Uint16Array | Uint32Array;
  /** Exclusive end of each document in `tokens`. */
  readonly documentEnds: Uint32Array;
}

/** The documents in a random order, each after the end-of-document token, which is counted with it. */
export function packDocuments(
  { tokens, documentEnds }: Documents,
  endOfDocument: number,
  random: Random,
): Documents {
  const count = documentEnds.length;
  // Allocated as the type of `tokens`.
  const packed = new (tokens.constructor as Uint16ArrayConstructor)(tokens.length + count);
  const packedEnds = new Uint32Array(count);
  let end = 0;
  random.shuffle(Uint32Array.from(documentEnds.keys())).forEach((document, place) => {
    const text = tokens.subarray(document === 0 ? 0 : documentEnds[document - 1], documentEnds[document]);
    packed[end] = endOfDocument;
    packed.set(text, end + 1);
    end += text.length + 1;
    packedEnds[place] = end;
  });
  return { tokens: packed, documentEnds: packedEnds };
}
