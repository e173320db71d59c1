import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { endOfDocument, firstMerge, type Merge, tokenBytes, type Vocabulary } from "./vocabulary.ts";

/** Name of the token that stands between documents, GPT-2's. */
const endOfDocumentName = "<|endoftext|>";

/** What Hugging Face tokenizers and transformers.js read; `climb` reads back only what it wrote. */
const TokenizerJson = z.object({
  model: z.object({
    type: z.literal("BPE"),
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.string()),
  }),
});

/** The content of tokenizer.json: a standard byte-level BPE tokenizer without any normalisation. */
export function formatTokenizerJson(vocabulary: Vocabulary): string {
  const names = tokenNames(vocabulary);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const json = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [{ id: endOfDocument, content: endOfDocumentName, ...special }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges: vocabulary.merges.map(([left, right]) => `${names[left]} ${names[right]}`),
    },
  };
  return `${JSON.stringify(json, undefined, 1)}\n`;
}

/** The content of tokenizer_config.json beside it. */
export function formatTokenizerConfig(): string {
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: endOfDocumentName,
    eos_token: endOfDocumentName,
    clean_up_tokenization_spaces: false,
    model_max_length: 1e30,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** @throws InputError if it is not a file that `formatTokenizerJson` made */
export function parseTokenizerJson(text: string, path: string): Vocabulary {
  const parsed = TokenizerJson.safeParse(tryParse(text));
  if (parsed.success) {
    const { vocab, merges } = parsed.data.model;
    const pairs = merges.map((merge) => merge.split(" ").map((name) => vocab[name] ?? -1));
    const vocabulary = { merges: pairs as unknown as Merge[] };
    const isOrdered = pairs.every(
      ([left = -1, right = -1], m) => Math.min(left, right) >= 0 && Math.max(left, right) < firstMerge + m,
    );
    if (isOrdered && formatTokenizerJson(vocabulary) === text) return vocabulary;
  }
  throw new InputError(
    `${path} is not a tokenizer.json that climb wrote`,
    "delete the artifact and run again",
  );
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Tokens as tokenizer.json spells them: every byte as a printable character. */
function tokenNames(vocabulary: Vocabulary): string[] {
  const names = tokenBytes(vocabulary).map((bytes) =>
    Array.from(bytes, (byte) => byteCharacters[byte]!).join(""),
  );
  names[endOfDocument] = endOfDocumentName;
  return names;
}

/** GPT-2's spelling of bytes: Latin-1's printable characters stand for themselves, the others follow from U+0100 on. */
const byteCharacters: readonly string[] = (() => {
  let unprintable = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCodePoint(isPrintable ? byte : 256 + unprintable++);
  });
})();
