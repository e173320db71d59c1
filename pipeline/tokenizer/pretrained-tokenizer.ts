import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { ProxyTokenizer } from "./proxy-tokenizer.ts";

const AddedToken = z.object({ id: z.int(), content: z.string() });
const TokenizerFile = z.object({ added_tokens: z.array(AddedToken).default([]) });
const NamedToken = z.union([z.string(), z.object({ content: z.string() })]).nullish();
const ConfigFile = z.object({ eos_token: NamedToken, sep_token: NamedToken });

/** What the types of transformers.js leave out. */
interface Loaded {
  encode(text: string, pair: null, options: { add_special_tokens: boolean }): number[];
  readonly model: { readonly vocab: readonly unknown[]; readonly tokens_to_ids: ReadonlyMap<string, number> };
}

/** For counting, which needs no end of document. */
export type PretrainedTokenizer = Omit<ProxyTokenizer, "endOfDocument"> & {
  readonly endOfDocument: number | undefined;
};

/**
 * A tokenizer by transformers.js. Its end of text (eos_token, or sep_token where there is none) stands before every
 * document.
 *
 * @param folder Holds tokenizer.json and tokenizer_config.json.
 * @throws InputError if they cannot be used, or name no such token
 */
export async function pretrainedTokenizer(folder: string): Promise<ProxyTokenizer> {
  const { endOfDocument, ...tokenizer } = await openPretrained(folder);
  if (endOfDocument === undefined)
    throw unusable(folder, "tokenizer_config.json names no eos_token of the vocabulary");
  return { ...tokenizer, endOfDocument };
}

/** The same, whether or not it names an end of text. */
export async function openPretrained(folder: string): Promise<PretrainedTokenizer> {
  const { AutoTokenizer, env } = await import("@xenova/transformers");
  env.useFSCache = false;
  env.localModelPath = dirname(folder);
  let loaded: Loaded;
  let added: z.output<typeof TokenizerFile>["added_tokens"];
  let config: z.output<typeof ConfigFile>;
  try {
    const tokenizer = await AutoTokenizer.from_pretrained(basename(folder), { local_files_only: true });
    loaded = tokenizer;
    added = TokenizerFile.parse(await readJson(join(folder, "tokenizer.json"))).added_tokens;
    config = ConfigFile.parse(await readJson(join(folder, "tokenizer_config.json")));
  } catch (cause) {
    throw unusable(folder, `it cannot be loaded (${(cause as Error).message})`, { cause });
  }
  const named = config.eos_token ?? config.sep_token;
  const name = typeof named === "string" ? named : named?.content;
  const endOfDocument =
    name === undefined
      ? undefined
      : (added.find(({ content }) => content === name)?.id ?? loaded.model.tokens_to_ids.get(name));
  const names = added.map(({ content }) => content).filter((content) => content.length > 1);
  const encodePart = (text: string) => loaded.encode(text, null, { add_special_tokens: false });
  return {
    vocabularySize: added.reduce((size, { id }) => Math.max(size, id + 1), loaded.model.vocab.length),
    endOfDocument,
    encode: (text) => splitNames(text, names).flatMap(encodePart),
  };
}

function unusable(folder: string, problem: string, options?: ErrorOptions): InputError {
  return new InputError(`the tokenizer in ${folder}: ${problem}`, "name another tokenizer", options);
}

/** Cuts a text inside the names of special tokens, so that none is taken for the token. */
function splitNames(text: string, names: readonly string[]): string[] {
  const found = names.find((name) => text.includes(name));
  if (found === undefined) return [text];
  const parts = text.split(found);
  return parts.flatMap((part, i) => {
    const start = i === 0 ? "" : found.slice(1);
    const end = i === parts.length - 1 ? "" : found.slice(0, 1);
    return splitNames(start + part + end, names);
  });
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8"));
}
