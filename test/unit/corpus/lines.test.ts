import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { type Line, splitLines } from "../../../pipeline/corpus/lines.ts";

async function split(chunks: readonly Uint8Array[], maxLineBytes?: number): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of splitLines(Readable.from(chunks, { objectMode: true }), maxLineBytes))
    lines.push(line);
  return lines;
}

const textOf = ({ bytes }: Line) => (bytes === undefined ? undefined : Buffer.from(bytes).toString());

await test("splits at 0x0A only, and says whether the last line was ended", async () => {
  const lines = await split([Buffer.from("one\r\ntwo \u2028\u0085 still\n\nlast")]);
  assert.deepEqual(lines.map(textOf), ["one\r", "two \u2028\u0085 still", "", "last"]);
  assert.deepEqual(
    lines.map(({ number, ended }) => [number, ended]),
    [
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ],
  );
  assert.deepEqual(await split([]), []);
  assert.deepEqual((await split([Buffer.from("a\n")])).map(textOf), ["a"]);
});

await test("a line over the limit is dropped, the ones around it are not", async () => {
  const chunks = ["ab\nabc", "def", "gh\nxy", "z"].map((text) => Buffer.from(text));
  assert.deepEqual((await split(chunks, 3)).map(textOf), ["ab", undefined, "xyz"]);
});

await test("does not depend on how the bytes come in", async () => {
  const bytes = fc
    .uint8Array({ maxLength: 60 })
    .map((values) => values.map((value) => (value < 60 ? 10 : value)));
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.nat(60), { maxLength: 6 }), async (data, cuts) => {
      const ends = [...cuts.map((cut) => Math.min(cut, data.length)), data.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => data.subarray(ends[index - 1] ?? 0, end));
      const naive = Buffer.from(data).toString("latin1").split("\n");
      if (naive.at(-1) === "") naive.pop();
      const lines = await split(chunks);
      assert.deepEqual(
        lines.map(({ bytes }) => Buffer.from(bytes!).toString("latin1")),
        naive,
      );
    }),
  );
});
