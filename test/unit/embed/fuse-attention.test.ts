import assert from "node:assert/strict";
import { test } from "node:test";
import onnxProto from "onnx-proto";
import { Tensor } from "onnxruntime-node";
import { encodeModel, initializer, node, type OnnxGraph } from "../../../pipeline/core/onnx-model.ts";
import { fuseAttention } from "../../../pipeline/embed/fuse-attention.ts";
import { openSession } from "../../../pipeline/embed/open-session.ts";
import { bertGraph, randomWeights } from "../../bench/embed/mini-lm.ts";
import { largestDifference } from "../../conformance/embedder-checks.ts";

const shape = { layers: 2, width: 16, heads: 4, inner: 24, vocabulary: 50, positions: 12 };
const exported = bertGraph(randomWeights(shape), shape, "fp32");

/** The graph with some operators in another form. */
function changed(
  change: (of: OnnxGraph["nodes"][number]) => OnnxGraph["nodes"] | undefined,
  more: OnnxGraph["constants"] = [],
): OnnxGraph {
  return {
    ...exported,
    constants: [...exported.constants, ...more],
    nodes: exported.nodes.flatMap((of) => change(of) ?? [of]),
  };
}

async function run(model: Uint8Array, texts: number, tokens: number): Promise<Float32Array> {
  const session = await openSession(model, "test");
  const input = (valueOf: (i: number) => number) =>
    new Tensor(
      "int64",
      BigInt64Array.from({ length: texts * tokens }, (_, i) => BigInt(valueOf(i))),
      [texts, tokens],
    );
  const outputs = await session.run({
    input_ids: input((i) => (i * 7) % shape.vocabulary),
    attention_mask: input(() => 1),
    token_type_ids: input(() => 0),
  });
  await session.release();
  return outputs["last_hidden_state"]!.data as Float32Array;
}

async function assertFused(graph: OnnxGraph): Promise<void> {
  const model = encodeModel(graph);
  const fused = fuseAttention(model);
  assert.ok(fused !== undefined);
  const text = Buffer.from(fused).toString("latin1");
  assert.equal(text.split("MultiHeadAttention").length - 1, shape.layers);
  assert.ok(!text.includes("Softmax"));
  for (const [texts, tokens] of [
    [1, 1],
    [1, 9],
    [3, 5],
  ] as const) {
    const difference = largestDifference(await run(fused, texts, tokens), await run(model, texts, tokens));
    assert.ok(difference < 1e-5, `${difference}`);
  }
}

await test("attention as PyTorch exports it becomes one operator, with the same vectors", async () => {
  await assertFused(exported);
});

await test("in int8 too, up to what rounding does", async () => {
  const model = encodeModel(bertGraph(randomWeights(shape), shape, "int8"));
  const difference = largestDifference(await run(fuseAttention(model)!, 1, 9), await run(model, 1, 9));
  assert.ok(difference < 0.05, `${difference}`);
});

await test("in other forms: queries scaled instead of products, keys transposed twice, shapes put together, no mask", async () => {
  const size = shape.width / shape.heads;
  await assertFused(
    changed(
      ({ opType, output, input, attribute }) => {
        const [name = ""] = output!;
        if (name.endsWith(".scores")) return [];
        if (name.endsWith(".products")) return [node("MatMul", input!, name.replace("products", "scores"))];
        if (name.endsWith(".query.heads")) {
          return [
            { opType: opType!, input: input!, output: [`${name}.plain`], attribute: attribute! },
            node("Mul", [`${name}.plain`, "rootless"], name),
          ];
        }
        if (name.endsWith(".key.heads")) {
          return [
            node("Transpose", input!, `${name}.plain`, { perm: [0, 2, 1, 3] }),
            node("Transpose", [`${name}.plain`], name, { perm: [0, 1, 3, 2] }),
          ];
        }
        if (name.endsWith(".value.split")) {
          return [
            node("Concat", ["batch", "length", "heads", "size"], `${name}.shape`, { axis: 0 }),
            node("Reshape", [input![0]!, `${name}.shape`], name),
          ];
        }
        if (name === "length")
          return [
            ...exported.nodes.filter(({ output }) => output![0] === name),
            node("Slice", ["shape", "start", "second"], "batch"),
          ];
        return undefined;
      },
      [
        initializer("rootless", [], Float32Array.of(1 / Math.sqrt(size))),
        initializer("heads", [1], BigInt64Array.of(BigInt(shape.heads))),
        initializer("size", [1], BigInt64Array.of(BigInt(size))),
      ],
    ),
  );
  await assertFused(
    changed(({ output, input }) => {
      const [name = ""] = output!;
      if (name.endsWith(".masked")) return [];
      return name.endsWith(".attention")
        ? [node("Softmax", [input![0]!.replace("masked", "scores")], name, { axis: -1 })]
        : undefined;
    }),
  );
});

await test("left alone: a bias among the scores, a mask of the future, weights in other files", () => {
  const positions = initializer("bias", [shape.positions, 1], new Float32Array(shape.positions).fill(0.5));
  const biased = changed(
    ({ output, input }) => {
      const [name = ""] = output!;
      if (!name.endsWith(".masked")) return undefined;
      return [
        node("Gather", ["bias", "length"], `${name}.bias`),
        node("Add", [input![0]!, `${name}.bias`], name),
      ];
    },
    [positions],
  );
  assert.equal(fuseAttention(encodeModel(biased)), undefined);
  const causal = changed(({ output, input }) => {
    const [name = ""] = output!;
    if (!name.endsWith(".masked")) return undefined;
    return [node("Trilu", [input![1]!], `${name}.future`), node("Add", [input![0]!, `${name}.future`], name)];
  });
  assert.equal(fuseAttention(encodeModel(causal)), undefined);
  const [first, ...rest] = exported.constants;
  const elsewhere = {
    ...exported,
    constants: [{ ...first!, dataLocation: onnxProto.onnx.TensorProto.DataLocation.EXTERNAL }, ...rest],
  };
  assert.equal(fuseAttention(encodeModel(elsewhere)), undefined);
});
