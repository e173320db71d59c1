import type { TokenizerName } from "../schema/config.ts";

/** Turns text into token ids; decides what a token is everywhere in a run. */
export interface Tokenizer {
  readonly name: TokenizerName;
  /** Every id is below this. */
  readonly vocabularySize: number;
  readonly encode: (text: string) => number[];
}

interface Encoding {
  encode(text: string, options: { disallowedSpecial: Set<string> }): number[];
}

interface KnownEncoding {
  readonly vocabularySize: number;
  /** Of the vocabulary as OpenAI publishes it, <name>.tiktoken; a test compares the package's with it. */
  readonly sha256: string;
  readonly load: () => Promise<Encoding>;
}

/** The vocabularies load slowly, so only the one that is asked for is. */
const encodings: Readonly<Record<TokenizerName, KnownEncoding>> = {
  gpt2: {
    vocabularySize: 50_257,
    sha256: "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
    load: () => import("gpt-tokenizer/encoding/r50k_base"),
  },
  cl100k_base: {
    vocabularySize: 100_277,
    sha256: "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    load: () => import("gpt-tokenizer/encoding/cl100k_base"),
  },
  o200k_base: {
    vocabularySize: 200_019,
    sha256: "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    load: () => import("gpt-tokenizer/encoding/o200k_base"),
  },
};

/** Byte-pair merging takes time quadratic in a run of letters, digits, signs or spaces: longer runs are cut. */
const maxRun = 1024;
const longRun = new RegExp(`\\S{${maxRun + 1}}|\\s{${maxRun + 1}}`);
const runs = new RegExp(`\\S{1,${maxRun}}|\\s{1,${maxRun}}`, "g");

/** sha256 of the tokenizer's vocabulary, which decides its tokens. */
export function tokenizerSha256(name: TokenizerName): string {
  return encodings[name].sha256;
}

export function isTokenizerName(name: string): name is TokenizerName {
  return Object.hasOwn(encodings, name);
}

const byteOrderMark = "\uFEFF";

/**
 * A tokenizer by name. The names of special tokens, such as <|endoftext|>, are plain text in a document.
 * Encodes as the named byte-pair encoding does, but for two rarities: runs of more than 1024 characters
 * without (or of nothing but) white space are cut, and U+FEFF inside a text stands alone.
 */
export async function loadTokenizer(name: TokenizerName): Promise<Tokenizer> {
  const { vocabularySize, load } = encodings[name];
  const encoding = await load();
  const options = { disallowedSpecial: new Set<string>() };
  const encodePart = (text: string): number[] => {
    if (!longRun.test(text)) return encoding.encode(text, options);
    return (text.match(runs) ?? []).flatMap((run) => encoding.encode(run, options));
  };
  return {
    name,
    vocabularySize,
    encode: (text) => {
      if (!text.includes(byteOrderMark)) return encodePart(text);
      // gpt-tokenizer loses the mark when it merges it with what is beside it.
      const mark = encoding.encode(byteOrderMark, options);
      return text
        .split(byteOrderMark)
        .flatMap((part, index) => [...(index > 0 ? mark : []), ...encodePart(part)]);
    },
  };
}
