/** The shards of the tokens stage: one file of documents each. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InterruptedError } from "../../pipeline/core/errors.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { Question } from "../../pipeline/corpus/record.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { splitWords } from "../../pipeline/tokenizer/split-words.ts";
import { openProxyTokenizer, type ProxyTokenizerSource } from "./proxy-tokenizer.ts";

export interface DocumentFile {
  readonly documents: string;
  /** Number of its first row in the corpus, and how many it holds. */
  readonly firstRow: number;
  readonly rows: number;
  /** File that holds the domain of each row of the corpus. */
  readonly rowDomain: string;
}

/** Step countWords: how often each word occurs in the file's domain documents before `lastRow`. */
export async function countWords(
  { lastRow }: { lastRow: number },
  file: DocumentFile,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const counts = new Map<string, number>();
  for await (const { text, row } of domainTexts(file, signal)) {
    if (row >= lastRow) break;
    if (text !== undefined)
      for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    progress(row - file.firstRow + 1, file.rows);
  }
  await writeFile(join(outDir, "words.json"), JSON.stringify([...counts]));
  return { words: counts.size };
}

/** A row of `documents.npy`: a text is one document; a question is one for each answer, the right one first. */
export const documentColumns = ["row", "tokens", "contextTokens", "bytes"] as const;

/** Step encodeTargets: token ids of the file's documents, end to end, and what each of them is. */
export async function encodeTargets(
  { kind, folder }: { kind: ProxyTokenizerSource["kind"]; folder: string },
  { documents, firstRow, rows }: Omit<DocumentFile, "rowDomain">,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const { vocabularySize, encode } = await openProxyTokenizer(kind, folder);
  const ids: number[] = [];
  const table: number[] = [];
  const add = (row: number, context: string, text: string) => {
    const given = encode(context);
    const predicted = encode(text);
    for (const part of [given, predicted]) for (let i = 0; i < part.length; i++) ids.push(part[i]!);
    table.push(row, given.length + predicted.length, given.length, Buffer.byteLength(text));
  };
  let row = firstRow;
  for await (const batch of readDocuments(documents, ["text", "question"], { batchRows: 512 })) {
    if (signal.aborted) throw new InterruptedError();
    for (const { text, question } of batch) {
      if (question === null) add(row, "", text as string);
      else {
        const { context, continuation, alternatives } = JSON.parse(question as string) as Question;
        for (const answer of [continuation, ...alternatives]) add(row, context, answer);
      }
      row++;
    }
    progress(row - firstRow, rows);
  }
  const tokens = (vocabularySize <= 2 ** 16 ? Uint16Array : Uint32Array).from(ids);
  await writeNpy(join(outDir, "tokens.npy"), tokens, [tokens.length]);
  const shape = [table.length / documentColumns.length, documentColumns.length];
  await writeNpy(join(outDir, "documents.npy"), Uint32Array.from(table), shape);
  return { documents: shape[0] };
}

/** Step encodeDocuments: token ids of the file's domain documents, end to end, and how many each row has. */
export async function encodeDocuments(
  { kind, folder }: { kind: ProxyTokenizerSource["kind"]; folder: string },
  file: DocumentFile,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const { vocabularySize, encode } = await openProxyTokenizer(kind, folder);
  const TokenArray = vocabularySize <= 2 ** 16 ? Uint16Array : Uint32Array;
  const parts: (Uint16Array | Uint32Array)[] = [];
  const counts = new Uint32Array(file.rows);
  let total = 0;
  for await (const { text, row } of domainTexts(file, signal)) {
    if (text !== undefined) {
      const ids = TokenArray.from(encode(text));
      parts.push(ids);
      counts[row - file.firstRow] = ids.length;
      total += ids.length;
    }
    progress(row - file.firstRow + 1, file.rows);
  }
  const tokens = new TokenArray(total);
  let start = 0;
  for (const part of parts) {
    tokens.set(part, start);
    start += part.length;
  }
  await writeNpy(join(outDir, "tokens.npy"), tokens, [total]);
  await writeNpy(join(outDir, "counts.npy"), counts, [file.rows]);
  return { tokens: total };
}

/** The file's rows with their texts; undefined for those in no domain. */
async function* domainTexts(
  { documents, firstRow, rowDomain }: DocumentFile,
  signal: AbortSignal,
): AsyncGenerator<{ row: number; text: string | undefined }> {
  const { data: domains } = await readNpy(rowDomain);
  let row = firstRow;
  for await (const batch of readDocuments(documents, ["text"], { batchRows: 512 })) {
    if (signal.aborted) throw new InterruptedError();
    for (const { text } of batch) {
      yield { row, text: domains[row]! >= 0 ? (text as string) : undefined };
      row++;
    }
  }
}
