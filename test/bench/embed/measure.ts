/**
 * One measurement in a process of its own, started by embed.bench.ts: prepares, says so, waits for the word, works.
 * What is timed is all of the work on texts: tokenising, inference and pooling.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { encodeModel, initializer, node, value } from "../../../pipeline/core/onnx-model.ts";
import { createEmbedder } from "../../../pipeline/embed/create-embedder.ts";
import { importTransformers } from "../../../pipeline/embed/import-transformers.ts";
import { openSession } from "../../../pipeline/embed/open-session.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";

export const Task = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ours"), embed: EmbedConfig, texts: z.string() }),
  z.object({ kind: z.literal("pipeline"), folder: z.string(), texts: z.string() }),
  z.object({ kind: z.literal("sgemm"), size: z.int() }),
]);
export type Task = z.infer<typeof Task>;

export interface Measured {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** The first text's vector, to see that all do the same. */
  readonly first: readonly number[];
}

/** Leading texts that are embedded before, so that what is allocated once is. */
const warmUp = 4;

/** What is timed: gives the first text's vector. */
type Work = () => Promise<readonly number[]>;

const prepare: { [Kind in Task["kind"]]: (task: Extract<Task, { kind: Kind }>) => Promise<Work> } = {
  async ours({ embed, texts: path }) {
    const texts = await readTexts(path);
    const embedder = await createEmbedder(embed);
    await embedder.embed(texts.slice(0, warmUp));
    return async () => [...(await embedder.embed(texts)).subarray(0, embedder.dimension)];
  },

  async pipeline({ folder, texts: path }) {
    const texts = await readTexts(path);
    const { env, pipeline } = await importTransformers();
    env.localModelPath = dirname(folder);
    const options = { local_files_only: true, quantized: false };
    const extract = await pipeline("feature-extraction", basename(folder), options);
    const embedOne = async (text: string) =>
      (await extract(text, { pooling: "mean", normalize: true })).data as Float32Array;
    for (const text of texts.slice(0, warmUp)) await embedOne(text);
    return async () => {
      const vectors: Float32Array[] = [];
      for (const text of texts) vectors.push(await embedOne(text));
      return [...vectors[0]!];
    };
  },

  async sgemm({ size }) {
    const matrix = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
    const graph = encodeModel({
      name: "sgemm",
      inputs: [value("x", "float32", [size, size])],
      outputs: [value("y", "float32", [size, size])],
      constants: [initializer("w", [size, size], matrix)],
      nodes: [node("MatMul", ["x", "w"], "y")],
    });
    const session = await openSession(graph, "sgemm");
    const { Tensor } = await import("onnxruntime-node");
    const feeds = { x: new Tensor("float32", matrix, [size, size]) };
    await session.run(feeds);
    return async () => [Number((await session.run(feeds))["y"]!.data[0])];
  },
};

async function readTexts(path: string): Promise<string[]> {
  return JSON.parse(await readFile(path, "utf8")) as string[];
}

if (process.send !== undefined) {
  const task = Task.parse(JSON.parse(process.argv[2]!));
  const work = await prepare[task.kind](task as never);
  process.on("message", async () => {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const first = await work();
    const { user, system } = process.cpuUsage(cpu);
    const wallSeconds = (performance.now() - start) / 1000;
    process.send!({ wallSeconds, cpuSeconds: (user + system) / 1e6, first } satisfies Measured);
  });
  process.on("disconnect", () => process.exit(0));
  process.send("ready");
}
