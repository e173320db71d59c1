import { readFile } from "node:fs/promises";
import type { z } from "zod";

/**
 * The lines of a log that are of one kind; none where there is no file. Lines of other kinds, and a last one cut short
 * by a kill, are passed over: for logs that nothing depends on, not for data.
 */
export async function readJsonLines<Value>(path: string, schema: z.ZodType<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for (const line of (await readFile(path, "utf8").catch(() => "")).split("\n")) {
    const parsed = schema.safeParse(parseJson(line));
    if (parsed.success) values.push(parsed.data);
  }
  return values;
}

/** What a text holds, or undefined if it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
