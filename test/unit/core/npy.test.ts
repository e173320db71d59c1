import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { InputError } from "../../../pipeline/core/errors.ts";
import { readNpy, writeNpy } from "../../../pipeline/core/npy.ts";
import { withTempDir } from "../../support/temp-dir.ts";

await test("writes the bytes numpy.save writes", () =>
  withTempDir(async (dir) => {
    // python3 -c 'import numpy,sys,io; f=io.BytesIO(); numpy.save(f, numpy.array([[1,2,3],[4,5,6]],"<u2")); print(f.getvalue().hex())'
    const expected =
      "934e554d5059010076007b276465736372273a20273c7532272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028322c2033292c207d202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200a010002000300040005000600";
    const path = join(dir, "a.npy");
    await writeNpy(path, Uint16Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    assert.equal((await readFile(path)).toString("hex"), expected);
  }));

await test("what is written is read back, whatever the type and shape", () =>
  withTempDir((dir) =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.float32Array(), fc.float64Array(), fc.int32Array(), fc.uint8Array(), fc.uint32Array()),
        async (data) => {
          const path = join(dir, "a.npy");
          await writeNpy(path, data, [data.length]);
          const read = await readNpy(path);
          assert.deepEqual(read, { data, shape: [data.length] });
        },
      ),
      { numRuns: 50 },
    ),
  ));

await test("a file that is cut, foreign or of another type is refused by name", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "a.npy");
    await writeNpy(path, Float32Array.of(1, 2, 3), [3]);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 1));
    await assert.rejects(
      readNpy(path),
      (error) => error instanceof InputError && /a\.npy: has 139 bytes/.test(error.message),
    );
    await writeFile(path, "not numpy");
    await assert.rejects(readNpy(path), /a\.npy: not a \.npy file/);
    await writeFile(path, Buffer.from(bytes.toString("latin1").replace("<f4", ">f4"), "latin1"));
    await assert.rejects(readNpy(path), /values of type '>f4' are not supported/);
  }));

await test("a shape that does not fit the values is refused", () =>
  assert.rejects(
    writeNpy("unused.npy", Float32Array.of(1, 2), [3]),
    /shape \[3\] holds 3 values, data has 2/,
  ));
