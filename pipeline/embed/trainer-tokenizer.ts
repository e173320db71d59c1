/** Any tokenizer that Hugging Face's tokenizer.json describes, for counting a trainer's tokens. */
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "../core/errors.ts";
import { hashFile } from "../core/hash.ts";
import { downloadModel } from "./download-model.ts";
import { importTransformers } from "./import-transformers.ts";
import { reasonOf } from "./reason-of.ts";

/** How a tokenizer of the library encodes; its types leave it out. */
interface Encoder {
  encode(text: string, pair: null, options: { add_special_tokens: false }): readonly number[];
  readonly model: { readonly vocab: readonly unknown[] };
  readonly added_tokens: readonly { readonly id: number }[];
}

export interface TrainerTokenizer {
  readonly vocabularySize: number;
  /** Token ids of a text, whole and without special tokens. */
  readonly encode: (text: string) => readonly number[];
}

const files = ["tokenizer.json", "tokenizer_config.json"];

/**
 * The folder of a tokenizer and a hash of its files. A hub name is downloaded first if it is not in the cache.
 *
 * @param name folder with tokenizer.json and tokenizer_config.json, or a hub name
 * @throws InputError naming the file that is missing, or the hub that cannot be reached
 */
export async function findTokenizer(name: string): Promise<{ folder: string; sha256: string[] }> {
  const isFolder = (await stat(resolve(name)).catch(() => undefined))?.isDirectory() === true;
  const folder = isFolder ? resolve(name) : await fromHub(name);
  const sha256: string[] = [];
  for (const file of files) {
    const hash = await hashFile(join(folder, file)).catch((cause: unknown) => {
      throw new InputError(
        `the tokenizer ${name} has no file ${join(folder, file)}`,
        `its folder holds ${files.join(" and ")}, as save_pretrained writes them`,
        { cause },
      );
    });
    sha256.push(hash);
  }
  return { folder, sha256 };
}

async function fromHub(name: string): Promise<string> {
  return downloadModel(name, files).catch((cause: unknown) => {
    throw new InputError(
      `${name} is neither gpt2, cl100k_base or o200k_base, nor a folder, nor a tokenizer that can be fetched (${reasonOf(cause)})`,
      "check the name and the network; offline, copy the tokenizer's folder here and give its path",
      { cause },
    );
  });
}

/** @throws InputError if the library cannot use the folder's files */
export async function openTokenizer(folder: string): Promise<TrainerTokenizer> {
  const { AutoTokenizer, env } = await importTransformers();
  env.localModelPath = dirname(folder);
  const options = { local_files_only: true };
  const loaded: unknown = await AutoTokenizer.from_pretrained(basename(folder), options).catch(
    (cause: unknown) => {
      const problem = `the tokenizer in ${folder} cannot be used (${reasonOf(cause)})`;
      throw new InputError(problem, "save it again with save_pretrained, or give another", { cause });
    },
  );
  const tokenizer = loaded as Encoder;
  const highest = tokenizer.added_tokens.reduce(
    (most, { id }) => Math.max(most, id),
    tokenizer.model.vocab.length - 1,
  );
  return {
    vocabularySize: highest + 1,
    encode: (text) => tokenizer.encode(text, null, { add_special_tokens: false }),
  };
}
