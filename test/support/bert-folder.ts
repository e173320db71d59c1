import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface BertFolder {
  /** Pieces by id; the first four are specialPieces. */
  readonly vocabulary: readonly string[];
  /** Longest text in pieces. */
  readonly positions: number;
  readonly width: number;
  /** ONNX models: token ids, mask and types in, last_hidden_state out. */
  readonly fp32: Uint8Array;
  readonly int8: Uint8Array;
}

/** What a BERT's vocabulary begins with. */
export const specialPieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] as const;

/** Write a model directory as the hub has them for transformers.js, with BERT's tokenizer: lower case, [CLS] and [SEP]. */
export async function writeBertFolder(
  folder: string,
  { vocabulary, positions, width, fp32, int8 }: BertFolder,
): Promise<void> {
  const [pad, unknown, first, last] = specialPieces;
  const config = { model_type: "bert", hidden_size: width, max_position_embeddings: positions };
  const settings = {
    tokenizer_class: "BertTokenizer",
    unk_token: unknown,
    pad_token: pad,
    cls_token: first,
    sep_token: last,
    model_max_length: positions,
  };
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialPieces.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: [last, 3], cls: [first, 2] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: unknown,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
    },
  };
  await mkdir(join(folder, "onnx"), { recursive: true });
  const files = {
    "config.json": JSON.stringify(config),
    "tokenizer_config.json": JSON.stringify(settings),
    "tokenizer.json": JSON.stringify(tokenizer),
    "onnx/model.onnx": fp32,
    "onnx/model_quantized.onnx": int8,
  };
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), data);
}
