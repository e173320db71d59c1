import { TextDecoder } from "node:util";
import type { InputFile } from "./discover.ts";
import { type Line, splitLines } from "./lines.ts";
import { readBytes } from "./read-bytes.ts";
import type { RawRecord, ReadOptions, Records, Skip, SkipReason } from "./record.ts";

/**
 * One JSON object a line. Blank lines are not records; CRLF and a byte-order mark are accepted.
 *
 * @throws BadFileError
 */
export async function* readJsonl(file: InputFile, options: ReadOptions): Records {
  // Each line is decoded by itself, so one bad byte costs one record.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const line of splitLines(readBytes(file, options.onBytes))) {
    const record = parseLine(line, file.name, decoder, options);
    if (record !== undefined) yield record;
  }
}

function parseLine(
  { number: line, bytes, ended }: Line,
  file: string,
  decoder: TextDecoder,
  options: ReadOptions,
): RawRecord | Skip | undefined {
  const skip = (reason: SkipReason, detail: string): Skip => ({ file, line, reason, detail });
  if (bytes === undefined) return skip("too-long", "the line is longer than a string can be");
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

  const { fields, scores } = options;
  const member = (key: string): unknown => (Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined);
  const text = member(fields.text) ?? null;
  if (text === null) {
    const keys = Object.keys(value).slice(0, 12).join(", ");
    return skip("missing-text", `no value under '${fields.text}'; the record has ${keys || "no keys"}`);
  }
  if (typeof text !== "string") {
    return skip("text-not-a-string", `'${fields.text}' holds a value of type ${typeof text}`);
  }
  const id = member(fields.id);
  const url = member(fields.url);
  return {
    text,
    sourceId: typeof id === "string" || typeof id === "number" ? String(id) : null,
    url: typeof url === "string" ? url : null,
    scores: scores.map((name) => {
      const score = name === null ? null : member(name);
      return typeof score === "number" ? score : null;
    }),
    file,
    line,
  };
}
