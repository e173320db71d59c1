/**
 * The tokenizer of the embedded word vectors: BERT's word splitter and one look-up per word. It equals
 * @xenova/transformers' tokenizer on the same tokenizer.json and is an order of magnitude faster, because that
 * one walks a text character by character and tries every prefix of an unknown word.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../core/errors.ts";

/** The one kind of tokenizer.json for which a whole-word look-up is exact. */
const TokenizerFile = z.object({
  added_tokens: z.tuple([]),
  normalizer: z.object({
    type: z.literal("BertNormalizer"),
    clean_text: z.literal(true),
    handle_chinese_chars: z.literal(true),
    strip_accents: z.null(),
    lowercase: z.literal(true),
  }),
  pre_tokenizer: z.object({ type: z.literal("BertPreTokenizer") }),
  post_processor: z.null(),
  model: z.object({
    type: z.literal("WordPiece"),
    unk_token: z.string(),
    vocab: z.record(z.string(), z.int()),
  }),
});

export class WholeWordTokenizer {
  readonly unknownId: number;
  readonly #ids: ReadonlyMap<string, number>;

  /** @param vocabulary the word of each id */
  constructor(vocabulary: Readonly<Record<string, number>>, unknownWord: string) {
    this.#ids = new Map(Object.entries(vocabulary));
    this.unknownId = this.#ids.get(unknownWord)!;
  }

  /** @throws InputError if the file describes another kind of tokenizer */
  static async read(path: string): Promise<WholeWordTokenizer> {
    const file = TokenizerFile.safeParse(JSON.parse(await readFile(path, "utf8")));
    if (!file.success) {
      throw new InputError(
        `${path} is not a whole-word tokenizer: ${z.prettifyError(file.error)}`,
        "build it again with node dist/stages/build-word-vectors.js",
      );
    }
    return new WholeWordTokenizer(file.data.model.vocab, file.data.model.unk_token);
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Ids of the first `maxTokens` words and punctuation marks of a text. */
  encode(text: string, maxTokens: number): Int32Array {
    const words = wholeWords(text);
    const ids = new Int32Array(Math.min(words.length, maxTokens));
    for (let i = 0; i < ids.length; i++) ids[i] = this.#ids.get(words[i]!) ?? this.unknownId;
    return ids;
  }
}

/** Words and single punctuation marks of a text, in lower case and without accents. */
export function wholeWords(text: string): string[] {
  if (plainText.test(text)) return text.toLowerCase().match(plainWord) ?? [];
  const normalised = text
    .replace(unprintable, "")
    .replace(ideograph, " $& ")
    .toLowerCase()
    .normalize("NFD")
    .replace(accent, "");
  return normalised.match(word) ?? [];
}

/** ASCII without control characters other than tab and line ends: nothing to clean or to decompose. */
const plainText = /^[\t\n\r\x20-\x7e]*$/;
const plainWord = /[^\s!-/:-@[-`{-~]+|[!-/:-@[-`{-~]/g;

/** Control, format, private-use characters, lone surrogates and replacement characters, but not tab and line ends. */
const unprintable = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu;
/** Chinese characters of the basic plane are words of their own; those beyond it the reference leaves joined. */
const ideograph = /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF]/g;
const accent = /[\u0300-\u036f]/g;
const word = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;
