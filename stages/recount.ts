/**
 * The tokens of every domain by a trainer's own tokenizer, where it is not the run's.
 *
 *   in    the corpus and its domains
 *   out   nothing but the counts, which are in artifact.json
 */
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { InterruptedError } from "../pipeline/core/errors.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { ShardContext } from "../pipeline/core/shard-step.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { readDocuments } from "../pipeline/corpus/read-documents.ts";
import type { CorpusFile } from "../pipeline/materialize/gather.ts";
import { openPretrained } from "../pipeline/tokenizer/pretrained-tokenizer.ts";
import { isTokenizerName, loadTokenizer, tokenizerSha256 } from "../pipeline/corpus/tokenizer.ts";
import { type CorpusFolder, corpusFiles } from "./parts/corpus-files.ts";
import { findPretrainedTokenizer } from "./parts/proxy-tokenizer.ts";
import { runAsScript } from "./parts/shard-main.ts";

const Counts = z.array(z.int());

export const RecountResult = z.strictObject({
  /** Of the vocabulary, or of the hashes of the tokenizer's files. */
  sha256: z.string(),
  vocabularySize: z.int(),
  /** Of each domain, in the order of the domains stage. */
  tokens: Counts,
});
export type RecountResult = z.infer<typeof RecountResult>;

interface RecountConfig {
  /** As it is written in the config: a name or a folder. */
  readonly tokenizer: string;
  /** Decides the counts: the named encoding, or the tokenizer's files. */
  readonly identity: string;
}

/** What it needs of the two stages before, whatever else they say. */
type Corpus = Artifact<CorpusFolder>;
type Domains = Artifact<{ readonly domains: readonly unknown[] }>;

export const recount: Stage<
  RecountConfig,
  { corpus: Corpus; domains: Domains; [role: string]: Artifact },
  RecountResult
> = {
  name: "recount",
  version: 1,
  entry: import.meta.filename,
  result: RecountResult,
  recorded: ({ identity }) => ({ identity }),
  steps: { count },

  async run({ tokenizer, identity }, { corpus, domains }, { shards }) {
    const common = {
      tokenizer,
      rowDomain: domains.path("row-domain.npy"),
      domains: domains.result.domains.length,
    };
    const counted = (await shards("count", common, corpusFiles(corpus))).map(({ result }) =>
      Counts.parse(result),
    );
    const { vocabularySize } = await open(tokenizer);
    return {
      sha256: identity.split(" ").at(-1)!,
      vocabularySize,
      tokens: Array.from({ length: common.domains }, (_, domain) =>
        counted.reduce((sum, counts) => sum + counts[domain]!, 0),
      ),
    };
  },
};

/** Step count: tokens of each domain in one file of the corpus. */
async function count(
  common: { readonly tokenizer: string; readonly rowDomain: string; readonly domains: number },
  { documents, firstRow }: CorpusFile,
  { signal, progress }: ShardContext,
): Promise<number[]> {
  const { encode } = await open(common.tokenizer);
  const rowDomain = (await readNpy(common.rowDomain)).data as Int32Array;
  const counts = Array.from({ length: common.domains }, () => 0);
  let row = firstRow;
  for await (const batch of readDocuments(documents, ["text"], { batchRows: 256 })) {
    if (signal.aborted) throw new InterruptedError();
    for (const { text } of batch) {
      const domain = rowDomain[row++]!;
      if (domain >= 0) counts[domain]! += encode(text as string).length;
    }
    progress(row - firstRow, row - firstRow);
  }
  return counts;
}

/** What decides the counts of a tokenizer of that name. InputError if there is none. */
export async function recountConfig(tokenizer: string): Promise<RecountConfig> {
  if (isTokenizerName(tokenizer)) return { tokenizer, identity: tokenizerSha256(tokenizer) };
  return { tokenizer, identity: (await find(tokenizer)).identity };
}

async function open(tokenizer: string): Promise<{
  readonly vocabularySize: number;
  readonly encode: (text: string) => ArrayLike<number>;
}> {
  if (isTokenizerName(tokenizer)) return loadTokenizer(tokenizer);
  return openPretrained((await find(tokenizer)).folder);
}

function find(tokenizer: string): ReturnType<typeof findPretrainedTokenizer> {
  return findPretrainedTokenizer(tokenizer, "export.tokenizers:");
}

runAsScript(recount);
