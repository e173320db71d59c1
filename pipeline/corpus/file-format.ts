import { open } from "node:fs/promises";
import { extname } from "node:path";

export type FileFormat = "jsonl" | "parquet" | "text" | "markdown" | "html" | "warc" | "wet";
export type Compression = "none" | "gzip" | "zstd";

const formatOfEnding: Readonly<Record<string, FileFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  // JSON lines under the plainer name, as in C4.
  ".json": "jsonl",
  ".parquet": "parquet",
  ".txt": "text",
  ".md": "markdown",
  ".mdx": "markdown",
  ".html": "html",
  ".htm": "html",
  ".warc": "warc",
  ".wet": "wet",
};

/** The endings that `format: auto` knows. */
export const knownEndings: readonly string[] = Object.keys(formatOfEnding);

/** Format by a file's ending, below a compression's; undefined if it is none of ours. */
export function formatByName(path: string): FileFormat | undefined {
  const inner = path.replace(/\.(gz|zst|zstd)$/i, "");
  return formatOfEnding[extname(inner).toLowerCase()];
}

/** Compression by a file's first bytes: endings are often wrong about it. */
export async function detectCompression(path: string): Promise<Compression> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString("hex");
    if (magic.startsWith("1f8b")) return "gzip";
    return magic === "28b52ffd" ? "zstd" : "none";
  } finally {
    await file.close();
  }
}
