/** The tokenizer of proxies that train: what the config asks for, and the folder that holds it. */
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "../../pipeline/core/errors.ts";
import { hashFile, hashJson } from "../../pipeline/core/hash.ts";
import { downloadModel } from "../../pipeline/embed/download-model.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { ProxyTokenizerConfig } from "../../pipeline/schema/proxy-tokenizer-config.ts";
import { bpeTokenizer } from "../../pipeline/tokenizer/bpe-tokenizer.ts";
import { pretrainedTokenizer } from "../../pipeline/tokenizer/pretrained-tokenizer.ts";
import type { ProxyTokenizer } from "../../pipeline/tokenizer/proxy-tokenizer.ts";
import { parseTokenizerJson } from "../../pipeline/tokenizer/tokenizer-json.ts";

export const tokenizerFiles = ["tokenizer.json", "tokenizer_config.json"] as const;

/** What decides the tokens, and where to get it. */
export type ProxyTokenizerSource =
  | {
      readonly kind: "bpe";
      readonly identity: string;
      readonly vocabularySize: number;
      readonly sampleTokens: number;
    }
  | { readonly kind: "pretrained"; readonly identity: string; readonly folder: string };

/**
 * The config's tokenizer of the proxies; null where they read the run's own tokens, as n-grams do by default.
 *
 * @param hasQuestions Targets with answers are encoded answer by answer, which ingest does not do.
 */
export function proxyTokenizerOf(
  { proxyTokenizer, search }: ClimbConfig,
  hasQuestions: boolean,
): ProxyTokenizerConfig | null {
  const trains =
    hasQuestions ||
    [search.proxy, search.confirmProxy, ...search.cheaper.map(({ proxy }) => proxy)].some(
      (proxy) => proxy !== null && proxy.kind !== "ngram",
    );
  return proxyTokenizer ?? (trains ? ProxyTokenizerConfig.parse({ kind: "bpe" }) : null);
}

/** @throws InputError if a pretrained tokenizer is neither a folder nor can be fetched */
export async function findProxyTokenizer(config: ProxyTokenizerConfig): Promise<ProxyTokenizerSource> {
  if (config.kind === "bpe") {
    const { kind, vocabularySize, sampleTokens } = config;
    return { kind, identity: `bpe/1 ${vocabularySize} of ${sampleTokens}`, vocabularySize, sampleTokens };
  }
  return findPretrainedTokenizer(config.model, "proxyTokenizer.model");
}

/**
 * @param model folder with the files of a tokenizer, or a hub name
 * @param setting the config key that names it
 * @throws InputError if it is neither a folder with these files nor can be fetched
 */
export async function findPretrainedTokenizer(
  model: string,
  setting: string,
): Promise<Extract<ProxyTokenizerSource, { kind: "pretrained" }>> {
  const local = resolve(model);
  const isFolder = (await stat(local).catch(() => undefined))?.isDirectory() === true;
  const folder = isFolder ? local : await downloadModel(model, tokenizerFiles, setting);
  const hashes: string[] = [];
  // One after another, so that of several missing files the same is named every time.
  for (const name of tokenizerFiles) {
    const sha256 = await hashFile(join(folder, name)).catch((cause: unknown) => {
      throw new InputError(
        `${setting} ${model} has no file ${join(folder, name)}`,
        `the folder of a tokenizer holds ${tokenizerFiles.join(" and ")}, as save_pretrained writes them`,
        { cause },
      );
    });
    hashes.push(sha256);
  }
  return { kind: "pretrained", identity: `pretrained/1 ${hashJson(hashes)}`, folder };
}

/** @param folder Holds the files of a tokenizer. */
export async function openProxyTokenizer(
  kind: ProxyTokenizerSource["kind"],
  folder: string,
): Promise<ProxyTokenizer> {
  if (kind === "pretrained") return pretrainedTokenizer(folder);
  const path = join(folder, "tokenizer.json");
  return bpeTokenizer(parseTokenizerJson(await readFile(path, "utf8"), path));
}
