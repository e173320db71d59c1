import { createBpeEncoder } from "./bpe-encoder.ts";
import type { ProxyTokenizer } from "./proxy-tokenizer.ts";
import { endOfDocument, vocabularySize, type Vocabulary } from "./vocabulary.ts";

export function bpeTokenizer(vocabulary: Vocabulary): ProxyTokenizer {
  return {
    vocabularySize: vocabularySize(vocabulary),
    endOfDocument,
    encode: createBpeEncoder(vocabulary),
  };
}
