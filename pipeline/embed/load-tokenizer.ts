import { basename, dirname } from "node:path";
import { InputError } from "../core/errors.ts";
import { importTransformers } from "./import-transformers.ts";
import { reasonOf } from "./reason-of.ts";

/** How a tokenizer of the library is called; its types leave it out. */
type Call = (
  text: string,
  options: { truncation: true; return_tensor: false },
) => { readonly input_ids: readonly number[] };

export interface ModelTokenizer {
  readonly maxTokens: number;
  /** Token ids of a text with the model's special tokens, at most maxTokens. */
  encode(text: string): readonly number[];
}

/**
 * The tokenizer of a model directory, by @xenova/transformers.
 *
 * @param maxTokens longer texts are cut off here, or at the model's own limit if that is lower
 * @throws InputError if its files cannot be used
 */
export async function loadTokenizer(folder: string, maxTokens: number): Promise<ModelTokenizer> {
  const { AutoTokenizer, env } = await importTransformers();
  env.localModelPath = dirname(folder);
  const options = { local_files_only: true };
  const tokenizer = await AutoTokenizer.from_pretrained(basename(folder), options).catch((cause: unknown) => {
    const problem = `the tokenizer in ${folder} cannot be used (${reasonOf(cause)})`;
    throw new InputError(problem, "download the model again", { cause });
  });
  // Not by the call's max_length, which would pad every text to it as well.
  const limit = Math.min(maxTokens, (tokenizer.model_max_length as number | undefined) ?? Infinity);
  tokenizer.model_max_length = limit;
  const call = tokenizer as unknown as Call;
  return {
    maxTokens: limit,
    encode: (text) => call(text, { truncation: true, return_tensor: false }).input_ids,
  };
}
