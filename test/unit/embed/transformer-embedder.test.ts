import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError, InputError } from "../../../pipeline/core/errors.ts";
import { createEmbedder } from "../../../pipeline/embed/create-embedder.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { floatGatherModel } from "../../../stages/word-vectors/gather-graph.ts";
import { encodeModel, node, value } from "../../../pipeline/core/onnx-model.ts";
import { tinyDimension, writeTinyBert } from "../../conformance/embedder-tiny-bert.ts";
import { embedWithPipeline, largestDifference } from "../../conformance/embedder-checks.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const texts = [
  "The cat sat on a mat.",
  "jumping cats, running dogs!",
  "",
  "a",
  "the dog ran far away ".repeat(4),
  "xyz 12 the mats",
];

await withTempDir(async (folder) => {
  await writeTinyBert(folder);
  const settings = (changes: object) => EmbedConfig.parse({ model: folder, precision: "fp32", ...changes });

  for (const pooling of ["mean", "cls"] as const) {
    await test(`equal to the library's padded pipeline with ${pooling} pooling: to 1e-5`, async () => {
      const embedder = await createEmbedder(settings({ pooling }));
      assert.equal(embedder.dimension, tinyDimension);
      const expected = await embedWithPipeline(folder, texts, { pooling, quantized: false });
      const difference = largestDifference(await embedder.embed(texts), expected);
      await embedder.close();
      assert.ok(difference < 1e-5, `${difference}`);
    });
  }

  await test("the order of words matters, unlike in a sum of word vectors", async () => {
    const embedder = await createEmbedder(settings({}));
    const [one, other] = [await embedder.embed(["the cat ran"]), await embedder.embed(["ran cat the"])];
    await embedder.close();
    assert.ok(largestDifference(one, other) > 0.01);
  });

  await test("a text longer than the model's positions is cut off there, and keeps its closing token", async () => {
    const embedder = await createEmbedder(settings({ maxTokens: 512 }));
    const long = await embedder.embed(["the cat sat ".repeat(500)]);
    // 24 positions: [CLS], 22 words, [SEP].
    assert.deepEqual(long, await embedder.embed([`${"the cat sat ".repeat(7)} the`]));
    await embedder.close();
  });

  await test("pooling by the last token sees [SEP]; leading dimensions are those of the whole, rescaled", async () => {
    const last = await createEmbedder(settings({ pooling: "last-token" }));
    const short = await createEmbedder(settings({ pooling: "last-token", dimension: 5 }));
    const [row, five] = [await last.embed(["the cat"]), await short.embed(["the cat"])];
    assert.equal(short.dimension, 5);
    const length = Math.hypot(...row.subarray(0, 5));
    const expected = row.subarray(0, 5).map((value) => value / length);
    assert.ok(largestDifference(five, expected) < 1e-6);
    assert.notDeepEqual(row, await last.embed(["the cat sat"]));
    await last.close();
    await short.close();
    await assert.rejects(createEmbedder(settings({ dimension: 17 })), /dimension=17 should be <= 16/);
  });

  await test("pieces of a long text are averaged by their tokens, each with the prompt", async () => {
    const embedder = await createEmbedder(settings({ maxTokens: 7, longTexts: "average", prefix: "a dog " }));
    // Seven tokens: [CLS] a dog, three words, [SEP]; the second piece has one word less.
    const whole = await embedder.embed(["the cat sat on the"]);
    const [first, second] = [await embedder.embed(["the cat sat"]), await embedder.embed(["on the"])];
    const sum = first.map((value, i) => 7 * value + 6 * second[i]!);
    const length = Math.hypot(...sum);
    assert.ok(
      largestDifference(
        whole,
        sum.map((value) => value / length),
      ) < 1e-6,
    );
    await embedder.close();
  });

  const graph = join(folder, "onnx", "model.onnx");

  await test("a model whose vectors are not numbers is refused", async () => {
    await writeFile(
      graph,
      floatGatherModel(new Float32Array(40 * tinyDimension).fill(Number.NaN), tinyDimension),
    );
    const embedder = await createEmbedder(settings({}));
    await assert.rejects(embedder.embed(["the cat"]), InputError);
    await embedder.close();
  });

  await test("a model that is no encoder is refused, with its inputs or outputs", async () => {
    const shape = ["batch", "sequence"];
    const identity = (input: string, output: string) =>
      encodeModel({
        name: "identity",
        inputs: [value(input, "int64", shape)],
        outputs: [value(output, "int64", shape)],
        constants: [],
        nodes: [node("Identity", [input], output)],
      });
    await writeFile(graph, identity("pixel_values", "out"));
    await assert.rejects(createEmbedder(settings({})), (error: unknown) => {
      return error instanceof ConfigError && error.message.includes("pixel_values");
    });
    await writeFile(graph, identity("input_ids", "logits"));
    await assert.rejects(createEmbedder(settings({})), (error: unknown) => {
      return error instanceof ConfigError && error.message.includes("logits");
    });
  });

  await test("a graph cut in half and an unreadable tokenizer name their files", async () => {
    await writeFile(graph, "not a graph");
    await assert.rejects(createEmbedder(settings({})), (error: unknown) => {
      return error instanceof InputError && error.message.includes(graph);
    });
    await writeFile(join(folder, "tokenizer.json"), "{");
    await assert.rejects(createEmbedder(settings({})), (error: unknown) => {
      return error instanceof InputError && error.message.includes(folder);
    });
  });
});
