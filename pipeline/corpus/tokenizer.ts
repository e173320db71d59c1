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

/** The vocabularies load slowly, so only the one that is asked for is. */
const encodings: Readonly<Record<TokenizerName, { vocabularySize: number; load: () => Promise<Encoding> }>> =
  {
    gpt2: { vocabularySize: 50_257, load: () => import("gpt-tokenizer/encoding/r50k_base") },
    cl100k_base: { vocabularySize: 100_277, load: () => import("gpt-tokenizer/encoding/cl100k_base") },
    o200k_base: { vocabularySize: 200_019, load: () => import("gpt-tokenizer/encoding/o200k_base") },
  };

/** Byte-pair merging takes time quadratic in a run of letters, digits, signs or spaces: longer runs are cut. */
const maxRun = 1024;
const longRun = new RegExp(`\\S{${maxRun + 1}}|\\s{${maxRun + 1}}`);
const runs = new RegExp(`\\S{1,${maxRun}}|\\s{1,${maxRun}}`, "g");

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
