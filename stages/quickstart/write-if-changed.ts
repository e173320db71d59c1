import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../../pipeline/core/atomic-file.ts";

/** Write a file whole, or leave it alone if it already holds these bytes. */
export async function writeIfChanged(path: string, bytes: Uint8Array): Promise<"written" | "unchanged"> {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(bytes) === true) return "unchanged";
  await writeFileAtomic(path, bytes);
  return "written";
}
