import { TextDecoder } from "node:util";
import type { InputFile } from "./discover.ts";
import { type Line, longestLineBytes, splitLines } from "./lines.ts";
import { memberOf } from "./member.ts";
import { readBytes } from "./read-bytes.ts";
import type { Question, RawRecord, ReadOptions, Records, Skip, SkipReason } from "./record.ts";
import { loadTokenDecoder } from "./token-text.ts";

type TokenDecoder = Awaited<ReturnType<typeof loadTokenDecoder>>;

/**
 * One JSON object a line. Blank lines are not records; CRLF and a byte-order mark are accepted.
 *
 * @throws BadFileError
 */
export async function* readJsonl(file: InputFile, options: ReadOptions): Records {
  // Each line is decoded by itself, so one bad byte costs one record.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const { tokens } = options.fields;
  const tokenText = tokens === null ? undefined : await loadTokenDecoder();
  let lines = 0;
  for await (const line of splitLines(readBytes(file, options.onBytes))) {
    lines = line.number;
    const record = parseLine(line, file.name, decoder, options, tokenText);
    if (record !== undefined) yield record;
  }
  options.onLines?.(lines);
}

function parseLine(
  { number: line, bytes, ended }: Line,
  file: string,
  decoder: TextDecoder,
  { fields, scores }: ReadOptions,
  tokenText: TokenDecoder | undefined,
): RawRecord | Skip | undefined {
  const skip = (reason: SkipReason, detail: string): Skip => ({ file, line, reason, detail });
  if (bytes === undefined) return skip("too-long", `the line is longer than ${longestLineBytes} bytes`);
  let json: string;
  try {
    json = decoder.decode(bytes);
  } catch {
    return skip("invalid-utf8", "the line is not valid UTF-8");
  }
  if (json.trim() === "") return undefined;

  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return skip("invalid-json", ended ? (error as Error).message : "the file ends in the middle of a record");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return skip("not-an-object", `expected a JSON object, found ${json.slice(0, 40).trim()}`);
  }

  const member = (key: string | null): unknown => (key === null ? undefined : memberOf(value, key));
  const question = asQuestion(value);
  const whole = question && question.context + question.continuation;
  let text = whole ?? member(fields.text) ?? null;
  if (text === null && tokenText !== undefined) {
    const ids = member(fields.tokens);
    if (Array.isArray(ids)) text = tokenText(ids) ?? null;
    if (Array.isArray(ids) && text === null) {
      return skip("invalid-tokens", `'${fields.tokens}' holds numbers that are no GPT-2 token ids`);
    }
  }
  if (text === null) {
    const keys = Object.keys(value).slice(0, 12).join(", ");
    const wanted = fields.text ?? fields.tokens;
    return skip(
      "missing-text",
      `${wanted === null ? "no text was found" : `no value under '${wanted}'`}; the record has ${keys || "no keys"}`,
    );
  }
  if (typeof text !== "string") {
    return skip("text-not-a-string", `'${fields.text}' holds a value of type ${typeof text}`);
  }
  const url = member(fields.url);
  const language = member(fields.language);
  const label = asName(member(fields.label));
  const vector = asVector(member(fields.embedding));
  return {
    text,
    sourceId: asName(member(fields.id)) ?? null,
    url: typeof url === "string" ? url : null,
    ...(typeof language === "string" ? { language } : {}),
    ...(label === undefined ? {} : { label }),
    ...(vector === undefined ? {} : { vector }),
    ...(question === undefined ? {} : { question }),
    scores: scores.map((name) => {
      const score = member(name);
      return typeof score === "number" ? score : null;
    }),
    file,
    line,
  };
}

function asQuestion(record: object): Question | undefined {
  const { context, continuation, alternatives } = record as Record<string, unknown>;
  if (typeof context !== "string" || typeof continuation !== "string" || continuation === "")
    return undefined;
  if (!Array.isArray(alternatives)) return undefined;
  const answers = alternatives.filter((answer) => typeof answer === "string" && answer !== "");
  return answers.length === alternatives.length
    ? { context, continuation, alternatives: answers }
    : undefined;
}

const asName = (value: unknown) =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

function asVector(value: unknown): Float32Array | undefined {
  const numbers = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
  return numbers ? Float32Array.from(value) : undefined;
}
