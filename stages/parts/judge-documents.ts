import { InterruptedError } from "../../pipeline/core/errors.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import type { CorpusFile } from "../../pipeline/materialize/gather.ts";

/**
 * The documents of one file of which `judge` says something, with that; ascending by row of the corpus.
 *
 * @throws InterruptedError
 */
export async function judgeDocuments<Verdict extends object>(
  { documents, firstRow }: Pick<CorpusFile, "documents" | "firstRow">,
  judge: (text: string) => Verdict | undefined,
  { signal, progress }: ShardContext,
): Promise<(Verdict & { row: number; id: string })[]> {
  const found: (Verdict & { row: number; id: string })[] = [];
  let row = firstRow;
  for await (const batch of readDocuments(documents, ["id", "text"], { batchRows: 512 })) {
    if (signal.aborted) throw new InterruptedError();
    for (const { id, text } of batch) {
      const verdict = judge(text as string);
      if (verdict !== undefined) found.push({ ...verdict, row, id: id as string });
      row++;
    }
    progress(row - firstRow, row - firstRow);
  }
  return found;
}
