import { basename, dirname } from "node:path";
import { InputError } from "../core/errors.ts";
import { importTransformers } from "./import-transformers.ts";
import { modelText } from "./model-text.ts";
import { reasonOf } from "./reason-of.ts";
import type { EmbedSettings } from "./settings.ts";

/** How a tokenizer of the library is called; its types leave it out. */
type Call = (
  text: string,
  options: { add_special_tokens: boolean; return_tensor: false },
) => { readonly input_ids: readonly number[] };

/** Token ids of what the model sees of a text, each piece with the model's special tokens. */
export type TextWindows = (text: string) => readonly (readonly number[])[];

/**
 * The tokenizer of a model directory, by @xenova/transformers. The library cuts off a long text's closing token
 * too; here it stays, as it does in Python, where models are trained.
 *
 * @param positions the model's limit of tokens; the tokenizer's own may be lower
 * @throws InputError if its files cannot be used
 */
export async function loadTokenizer(
  folder: string,
  positions: number,
  { maxTokens, prefix, longTexts }: EmbedSettings,
): Promise<TextWindows> {
  const { AutoTokenizer, env } = await importTransformers();
  env.localModelPath = dirname(folder);
  const options = { local_files_only: true };
  const tokenizer = await AutoTokenizer.from_pretrained(basename(folder), options).catch((cause: unknown) => {
    const problem = `the tokenizer in ${folder} cannot be used (${reasonOf(cause)})`;
    throw new InputError(problem, "download the model again", { cause });
  });
  const call = tokenizer as unknown as Call;
  const idsOf = (text: string, add_special_tokens: boolean) =>
    call(text, { add_special_tokens, return_tensor: false }).input_ids;
  const { opening, closing } = specialTokens(idsOf);
  const limit = Math.min(
    maxTokens,
    positions,
    (tokenizer.model_max_length as number | undefined) ?? Infinity,
  );
  const cut = (ids: readonly number[]) =>
    ids.length <= limit
      ? ids
      : [...ids.slice(0, Math.max(0, limit - closing.length)), ...closing].slice(-limit);

  if (longTexts === "cut") return (text) => nonEmpty(cut(idsOf(modelText(text, prefix, limit), true)));
  const prompt = [...opening, ...idsOf(prefix, false)];
  const room = Math.max(1, limit - prompt.length - closing.length);
  return (text) => {
    const whole = idsOf(prefix + text, true);
    if (whole.length <= limit) return nonEmpty(whole);
    const body = idsOf(text, false);
    return Array.from({ length: Math.ceil(body.length / room) }, (_, i) =>
      cut([...prompt, ...body.slice(i * room, (i + 1) * room), ...closing]),
    );
  };
}

/** What the tokenizer puts before and after a text, found from what it does to one. */
function specialTokens(idsOf: (text: string, special: boolean) => readonly number[]): {
  opening: readonly number[];
  closing: readonly number[];
} {
  const [plain, full] = [idsOf("a", false), idsOf("a", true)];
  for (let start = 0; start + plain.length <= full.length; start++) {
    if (plain.every((id, i) => full[start + i] === id)) {
      return { opening: full.slice(0, start), closing: full.slice(start + plain.length) };
    }
  }
  return { opening: [], closing: [] };
}

function nonEmpty(ids: readonly number[]): readonly (readonly number[])[] {
  return ids.length === 0 ? [] : [ids];
}
