import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { writeNpy } from "../../../pipeline/core/npy.ts";
import { type CorpusFile, gatherTokens, type TokenPiece } from "../../../pipeline/materialize/gather.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { withTempDir } from "../../support/temp-dir.ts";

async function all(pieces: AsyncIterable<TokenPiece>): Promise<TokenPiece[]> {
  const list: TokenPiece[] = [];
  for await (const piece of pieces) list.push(piece);
  return list;
}

async function writeFiles(dir: string, tokens: readonly (readonly number[])[][]): Promise<CorpusFile[]> {
  let firstRow = 0;
  const files: CorpusFile[] = [];
  for (const [i, rows] of tokens.entries()) {
    const path = join(dir, `${i}.npy`);
    const flat = Uint16Array.from(rows.flat());
    await writeNpy(path, flat, [flat.length]);
    files.push({ documents: "", tokens: path, firstRow, rows: rows.length });
    firstRow += rows.length;
  }
  return files;
}

await test("a case worked by hand: order, repeats, a cut, and the end-of-document token", () =>
  withTempDir(async (dir) => {
    const files = await writeFiles(dir, [[[1, 2, 3], [4]], [[5, 6]]]);
    const items = { rows: Uint32Array.of(2, 0, 2, 1), tokens: Uint32Array.of(2, 2, 2, 1) };
    const options = { files, rowTokens: Uint32Array.of(3, 1, 2), endOfDocument: 9 };
    const [piece, ...more] = await all(gatherTokens(items, { ...options, tokenBytes: 2 }));
    assert.deepEqual(piece, {
      tokens: Uint16Array.of(5, 6, 9, 1, 2, 9, 5, 6, 9, 4, 9),
      lengths: Uint32Array.of(3, 3, 3, 2),
      firstItem: 0,
    });
    assert.equal(more.length, 0);
    const [wide] = await all(gatherTokens(items, { ...options, tokenBytes: 4 }));
    assert.deepEqual(wide!.tokens, Uint32Array.from(piece.tokens));
  }));

await test("pieces of any size hold the same tokens, and no piece is larger unless one document is", () =>
  withTempDir(async (dir) => {
    const random = new Random("gather");
    const documents = Array.from({ length: 60 }, () =>
      Array.from({ length: 1 + random.below(50) }, () => random.below(60_000)),
    );
    const files = await writeFiles(dir, [
      documents.slice(0, 25),
      documents.slice(25, 26),
      documents.slice(26),
    ]);
    const rowTokens = Uint32Array.from(documents, ({ length }) => length);
    const rows = Uint32Array.from({ length: 200 }, () => random.below(60));
    const items = { rows, tokens: rows.map((row) => rowTokens[row]!) };
    const expected = Array.from(rows, (row) => [...documents[row]!, 50_256]).flat();
    for (const pieceTokens of [1, 30, 500, 100_000]) {
      const options = { files, rowTokens, endOfDocument: 50_256, tokenBytes: 2, pieceTokens } as const;
      const pieces = await all(gatherTokens(items, options));
      assert.deepEqual(
        pieces.flatMap(({ tokens }) => [...tokens]),
        expected,
      );
      assert(pieces.every(({ tokens, lengths }) => tokens.length <= pieceTokens || lengths.length === 1));
      assert.deepEqual(
        pieces.map(({ firstItem }) => firstItem),
        pieces.map((_, i) => pieces.slice(0, i).reduce((sum, { lengths }) => sum + lengths.length, 0)),
      );
    }
  }));

await test("a file that does not hold its rows' tokens is named", () =>
  withTempDir(async (dir) => {
    const files = await writeFiles(dir, [[[1, 2, 3]]]);
    const items = { rows: Uint32Array.of(0), tokens: Uint32Array.of(4) };
    const options = { files, rowTokens: Uint32Array.of(4), endOfDocument: 9, tokenBytes: 2 } as const;
    await assert.rejects(
      all(gatherTokens(items, options)),
      (error) =>
        error instanceof InputError && /0\.npy holds 3 token ids, its 1 documents have 4/.test(error.message),
    );
  }));
