import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { writeNpy } from "../../../pipeline/core/npy.ts";
import { readDomainStreams, readTargetStreams } from "../../../pipeline/search/token-streams.ts";
import { withTempDir } from "../../support/temp-dir.ts";

/** Five documents over two files: tokens 1 1 | 2 | (empty) ; 3 3 3 | 4. */
async function files(dir: string) {
  await writeNpy(join(dir, "a.npy"), Uint16Array.of(1, 1, 2), [3]);
  await writeNpy(join(dir, "b.npy"), Uint16Array.of(3, 3, 3, 4), [4]);
  return {
    files: [
      { path: join(dir, "a.npy"), rows: 3 },
      { path: join(dir, "b.npy"), rows: 2 },
    ],
    rowTokens: Uint32Array.of(2, 1, 0, 3, 1),
  };
}

await test("documents go to their domain in row order; those of no domain are left out", () =>
  withTempDir(async (dir) => {
    const domains = await readDomainStreams(await files(dir), Int32Array.of(1, -1, 1, 0, 1), ["x", "y"]);
    assert.deepEqual(domains, [
      { id: "x", tokens: Uint16Array.of(3, 3, 3), documentEnds: Uint32Array.of(3) },
      { id: "y", tokens: Uint16Array.of(1, 1, 4), documentEnds: Uint32Array.of(2, 2, 3) },
    ]);
  }));

await test("targets carry the bytes of their own documents", () =>
  withTempDir(async (dir) => {
    const [target] = await readTargetStreams(
      await files(dir),
      Int32Array.of(-1, 0, -1, -1, 0),
      Uint32Array.of(10, 20, 30, 40, 50),
      ["t"],
    );
    assert.deepEqual(target!.documentBytes, Uint32Array.of(20, 50));
    assert.deepEqual(target!.tokens, Uint16Array.of(2, 4));
  }));

await test("a token file that does not fit its rows is refused by name", () =>
  withTempDir(async (dir) => {
    const rows = await files(dir);
    const wrong = { ...rows, rowTokens: Uint32Array.of(2, 2, 0, 3, 1) };
    await assert.rejects(readDomainStreams(wrong, new Int32Array(5), ["x"]), (error) => {
      assert(error instanceof InputError);
      assert.match(error.message, /a\.npy holds 3 tokens, its 3 documents should have 4/);
      return true;
    });
  }));
