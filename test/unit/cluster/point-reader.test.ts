import assert from "node:assert/strict";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openPointFiles, openPointReader } from "../../../pipeline/cluster/point-reader.ts";
import { pickRows, sharePoints } from "../../../pipeline/cluster/points.ts";
import { writeNpy } from "../../../pipeline/core/npy.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { pointFiles } from "./point-files.ts";
import { pointsOf } from "./sample-points.ts";

// Row i is [10 i, 10 i + 1].
const points = pointsOf([0, 1, 2, 3, 4, 5, 6].map((i) => [10 * i, 10 * i + 1]));

await test("files, memory and picked rows give the same rows, across the cuts", () =>
  withTempDir(async (dir) => {
    for (const source of [sharePoints(points), await pointFiles(dir, points, [2, 0, 4, 1])]) {
      const reader = openPointReader(source);
      const into = new Float32Array(8);
      reader.read(1, 4, into);
      assert.deepEqual(Array.from(into), [10, 11, 20, 21, 30, 31, 40, 41]);
      assert.deepEqual(Array.from(reader.row(6)), [60, 61]);
      assert.deepEqual(Array.from(reader.row(0)), [0, 1]);
      reader.close();

      const picked = openPointReader(pickRows(source, [0, 2, 3, 6]));
      picked.read(0, 4, into);
      assert.deepEqual(Array.from(into), [0, 1, 20, 21, 30, 31, 60, 61]);
      picked.close();
      // A pick of a pick: its rows 1 and 3 are 2 and 6.
      const again = openPointReader(pickRows(pickRows(source, [0, 2, 3, 6]), [1, 3]));
      again.read(0, 2, into);
      assert.deepEqual(Array.from(into.subarray(0, 4)), [20, 21, 60, 61]);
      again.close();
    }
  }));

await test("files of another dimension, type or shape are refused by name", () =>
  withTempDir(async (dir) => {
    const two = join(dir, "two.npy");
    const three = join(dir, "three.npy");
    const flat = join(dir, "flat.npy");
    const whole = join(dir, "whole.npy");
    await writeNpy(two, Float32Array.of(1, 2), [1, 2]);
    await writeNpy(three, Float32Array.of(1, 2, 3), [1, 3]);
    await writeNpy(flat, Float32Array.of(1, 2), [2]);
    await writeNpy(whole, Int32Array.of(1, 2), [1, 2]);
    await assert.rejects(openPointFiles([two, three]), {
      name: "InputError",
      message: `${three} has vectors of dimension 3, 2 is needed`,
    });
    await assert.rejects(openPointFiles([two], 5), /two\.npy has vectors of dimension 2, 5 is needed/);
    await assert.rejects(openPointFiles([flat]), /flat\.npy holds '<f4' of shape \[2\]/);
    await assert.rejects(openPointFiles([whole]), /whole\.npy holds '<i4'/);
  }));

await test("a file that shrinks while it is used is refused by name", () =>
  withTempDir(async (dir) => {
    const source = await pointFiles(dir, points, [7]);
    const path = join(dir, "1-0.npy");
    await truncate(path, 128 + 20);
    const reader = openPointReader(source);
    assert.throws(() => reader.row(3), { name: "InputError", message: `${path} ends before byte 160` });
    reader.close();
  }));
