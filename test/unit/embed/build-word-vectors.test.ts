import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Tensor } from "onnxruntime-node";
import { InputError } from "../../../pipeline/core/errors.ts";
import { openSession } from "../../../pipeline/embed/open-session.ts";
import { fetchWordVectors, parseWordVectors } from "../../../stages/word-vectors/fetch-word-vectors.ts";
import { floatGatherModel, int8GatherModel } from "../../../stages/word-vectors/gather-graph.ts";
import { quantiseRows } from "../../../stages/word-vectors/quantise-rows.ts";
import { sifWeights } from "../../../stages/word-vectors/sif-weights.ts";
import { buildVectorTable } from "../../../stages/word-vectors/vector-table.ts";
import { withTempDir } from "../../support/temp-dir.ts";

await test("SIF weights of three words, by hand", () => {
  // H = 1 + 1/2 + 1/3 = 11/6, so p = 6/11, 3/11, 2/11, and with a = 1/11 the weights are 1/7, 1/4, 1/3.
  const weights = sifWeights(3, 1 / 11);
  for (const [index, expected] of [1 / 7, 1 / 4, 1 / 3].entries()) {
    assert.ok(Math.abs(weights[index]! - expected) < 1e-15);
  }
});

await test("int8 rows: the largest magnitude is 127, a zero row stays zero", () => {
  const { rows, scales } = quantiseRows(Float32Array.of(-2.54, 1.27, 0, 0, 0, 0), 3);
  assert.deepEqual([...rows], [-127, 64, 0, 0, 0, 0]);
  assert.deepEqual([...scales], [Math.fround(Math.fround(2.54) / 127), 0]);
});

await test("int8 rows are within half a step of the values", () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 5, maxLength: 5, noNaN: true, min: -1e3, max: 1e3 }),
      (values) => {
        const { rows, scales } = quantiseRows(values, 5);
        // Below 1e-36 the scale itself is not a normal float32 and the values are zero for any purpose.
        const largest = Math.max(...values.map(Math.abs));
        for (const [i, value] of values.entries()) {
          const error = Math.abs(rows[i]! * scales[0]! - value);
          assert.ok(error <= scales[0]! * 0.5001 || largest < 1e-36, `${value} is off by ${error}`);
        }
      },
    ),
  );
});

const source = JSON.stringify({
  dimensions: 2,
  wordIndex: 3,
  size: 4,
  // An object lists "2004" first, whatever its rank.
  vectors: { the: [1, 2, 0, 0], "well-known": [3, 4, 0, 1], "2004": [5, 6, 0, 2], cat: [7, 8, 0, 3] },
});

await test("words come by their stored rank; gaps in the ranks are refused", () => {
  const { words, vectors, dimension } = parseWordVectors(source);
  assert.deepEqual(words, ["the", "well-known", "2004", "cat"]);
  assert.deepEqual(vectors[3], [7, 8]);
  assert.equal(dimension, 2);
  assert.throws(() => parseWordVectors(source.replace("[7,8,0,3]", "[7,8,0,4]")), InputError);
});

await test("the table has the most frequent words the tokenizer makes, weighted by their rank in the source", () => {
  const { vocabulary, rows } = buildVectorTable({ ...parseWordVectors(source), licence: "" }, 2);
  assert.deepEqual(vocabulary, ["[PAD]", "[UNK]", "the", "2004"]);
  const weights = sifWeights(4);
  const expected = [0, 0, 0, 0, weights[0]! * 1, weights[0]! * 2, weights[2]! * 5, weights[2]! * 6];
  assert.deepEqual(rows, Float32Array.from(expected));
});

await test("a tarball with other bytes than the known ones is refused", async () => {
  await withTempDir(async (folder) => {
    const tarball = join(folder, "vectors.tgz");
    await writeFile(tarball, "something else");
    await assert.rejects(fetchWordVectors(tarball), (error: unknown) => {
      return error instanceof InputError && error.message.includes(tarball);
    });
  });
});

await test("the graphs look rows up, zero those of padding, and are written byte for byte alike", async () => {
  const table = Float32Array.of(0, 0, 1, -2, 0.5, 0.25);
  const quantised = quantiseRows(table, 2);
  const models = [floatGatherModel(table, 2), int8GatherModel(quantised, 2)];
  assert.deepEqual(models, [floatGatherModel(table, 2), int8GatherModel(quantised, 2)]);
  await withTempDir(async (folder) => {
    for (const [index, model] of models.entries()) {
      const path = join(folder, `${index}.onnx`);
      await writeFile(path, model);
      const session = await openSession(path);
      const { last_hidden_state } = await session.run({
        input_ids: new Tensor("int64", BigInt64Array.of(2n, 1n, 0n, 1n), [2, 2]),
        attention_mask: new Tensor("int64", BigInt64Array.of(1n, 1n, 1n, 0n), [2, 2]),
      });
      await session.release();
      assert.deepEqual(last_hidden_state!.dims, [2, 2, 2]);
      const expected = [0.5, 0.25, 1, -2, 0, 0, 0, 0];
      for (const [i, value] of (last_hidden_state!.data as Float32Array).entries()) {
        assert.ok(Math.abs(value - expected[i]!) < 0.01, `${value} is not ${expected[i]}`);
      }
    }
  });
});
