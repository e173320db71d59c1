import { InputError } from "../core/errors.ts";
import { readNpy } from "../core/npy.ts";
import type { Items } from "./items.ts";

type TokenArray = Uint16Array | Uint32Array;

/** A file of the corpus: some consecutive rows. */
export interface CorpusFile {
  /** Parquet with the rows' id, text and source. */
  readonly documents: string;
  /** .npy with the rows' token ids, one after the other. */
  readonly tokens: string;
  readonly firstRow: number;
  readonly rows: number;
}

/** Some consecutive items. */
export interface TokenPiece {
  /** The items' tokens, each followed by the end-of-document token. */
  readonly tokens: TokenArray;
  /** Of each item, with the end-of-document token. */
  readonly lengths: Uint32Array;
  readonly firstItem: number;
}

export interface GatherOptions {
  /** Files of the corpus, in row order. */
  readonly files: readonly CorpusFile[];
  readonly rowTokens: Uint32Array;
  readonly endOfDocument: number;
  readonly tokenBytes: 2 | 4;
  /** Tokens held at once, unless one document has more; 32 million (128 MB at most) by default. */
  readonly pieceTokens?: number;
}

/**
 * The items' tokens, in pieces. Every piece reads the files it needs once, in row order, one at a time.
 *
 * @throws InputError if a file holds more or fewer tokens than its rows have
 */
export async function* gatherTokens(items: Items, options: GatherOptions): AsyncGenerator<TokenPiece> {
  const pieceTokens = options.pieceTokens ?? 2 ** 25;
  for (let first = 0; first < items.rows.length;) {
    let tokens = items.tokens[first]! + 1;
    let end = first + 1;
    while (end < items.rows.length && tokens + items.tokens[end]! + 1 <= pieceTokens) {
      tokens += items.tokens[end++]! + 1;
    }
    const piece = { rows: items.rows.subarray(first, end), tokens: items.tokens.subarray(first, end) };
    yield { ...(await gatherPiece(piece, tokens, options)), firstItem: first };
    first = end;
  }
}

async function gatherPiece(
  { rows, tokens: taken }: Items,
  total: number,
  { files, rowTokens, endOfDocument, tokenBytes }: GatherOptions,
): Promise<Omit<TokenPiece, "firstItem">> {
  const tokens = tokenBytes === 2 ? new Uint16Array(total) : new Uint32Array(total);
  const lengths = taken.map((count) => count + 1);
  const starts = new Float64Array(rows.length);
  for (let item = 1; item < rows.length; item++) starts[item] = starts[item - 1]! + lengths[item - 1]!;
  for (let item = 0; item < rows.length; item++) tokens[starts[item]! + taken[item]!] = endOfDocument;

  const byRow = Uint32Array.from(rows.keys()).sort((left, right) => rows[left]! - rows[right]!);
  let next = 0;
  for (const file of files) {
    const lastRow = file.firstRow + file.rows;
    if (next === byRow.length || rows[byRow[next]!]! >= lastRow) continue;
    const source = await readTokens(file, rowTokens);
    let row = file.firstRow;
    let start = 0;
    for (; next < byRow.length && rows[byRow[next]!]! < lastRow; next++) {
      const item = byRow[next]!;
      for (; row < rows[item]!; row++) start += rowTokens[row]!;
      tokens.set(source.subarray(start, start + taken[item]!), starts[item]);
    }
  }
  return { tokens, lengths };
}

async function readTokens(
  { tokens, firstRow, rows }: CorpusFile,
  rowTokens: Uint32Array,
): Promise<TokenArray> {
  const { data } = await readNpy(tokens);
  const expected = rowTokens.subarray(firstRow, firstRow + rows).reduce((sum, count) => sum + count, 0);
  if ((data instanceof Uint16Array || data instanceof Uint32Array) && data.length === expected) return data;
  throw new InputError(
    `${tokens} holds ${data.length} token ids, its ${rows} documents have ${expected}`,
    "if something changed the artifact, delete its folder and run again",
  );
}
