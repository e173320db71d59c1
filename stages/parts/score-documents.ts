/** The domains stage's scores of documents: the embedded heuristics, fastText classifiers, and the sources' own columns. */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { ConfigError, InputError, InterruptedError } from "../../pipeline/core/errors.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { openFastText } from "../../pipeline/domains/fasttext.ts";
import { scoreDocument } from "../../pipeline/domains/quality.ts";
import { recipeText } from "../../pipeline/domains/recipe-text.ts";
import type { ClassifierConfig, DomainsConfig } from "../../pipeline/schema/domains-config.ts";
import { readColumn } from "./corpus-columns.ts";
import type { IngestResult } from "../ingest.ts";

/** Scores the product computes itself. */
const heuristics = ["quality", "advertisement"] as const;

/** A classifier and what its file holds, which decides the scores; the path does not. */
export type HashedClassifier = ClassifierConfig & { readonly sha256: string };

/** @throws InputError naming the model that is not there */
export function hashClassifiers({ quality }: DomainsConfig): Promise<HashedClassifier[]> {
  return Promise.all(
    quality.classifiers.map(async (classifier) => {
      const sha256 = await hashFile(classifier.model).catch((error: unknown) => {
        throw new InputError(
          `there is no fastText model ${classifier.model}`,
          "correct domains.quality.classifiers[].model",
          { cause: error },
        );
      });
      return { ...classifier, sha256 };
    }),
  );
}

/**
 * Score name to one value a row. A classifier or a column of the sources stands in for the heuristic of its name.
 *
 * @throws ConfigError if a classifier and a column have the same name
 */
export async function scoreCorpus(
  corpus: Artifact<IngestResult>,
  classifiers: readonly HashedClassifier[],
  shards: StageContext["shards"],
): Promise<Map<string, Float64Array>> {
  const twice = classifiers.find(({ score }) => corpus.result.scores.includes(score));
  if (twice !== undefined) {
    throw new ConfigError(
      `score ${twice.score} comes from a column of the corpus and from ${twice.model}`,
      "leave one out, of corpus.sources[].scores or of domains.quality.classifiers",
    );
  }
  const parts = await shards(
    "score",
    { classifiers },
    corpus.result.shards.map(({ documents }) => corpus.path(documents)),
  );
  const names = [...heuristics, ...classifiers.map((classifier) => classifier.score)];
  const rows = corpus.result.documents;
  const scores = new Map<string, Float64Array>();
  for (const name of names) scores.set(name, new Float64Array(rows));
  let start = 0;
  for (const part of parts) {
    const { data, shape } = await readNpy(part.files.get("scores.npy")!);
    names.forEach((name, column) => {
      const to = scores.get(name)!;
      for (let row = 0; row < shape[0]!; row++) to[start + row] = data[row * names.length + column]!;
    });
    start += shape[0]!;
  }
  for (const name of corpus.result.scores) {
    const column = await readColumn(corpus, name);
    scores.set(
      name,
      Float64Array.from(column, (value) => (typeof value === "number" ? value : Number.NaN)),
    );
  }
  return scores;
}

/** Step score: the heuristics, then the classifiers, for every document of one file; float32, rows * scores. */
export async function score(
  { classifiers }: { classifiers: readonly HashedClassifier[] },
  documents: string,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const models = await Promise.all(classifiers.map(({ model }) => openFastText(model)));
  const needsRecipeText = classifiers.some(({ text }) => text === "recipe");
  const scores: number[] = [];
  const columns = heuristics.length + classifiers.length;
  for await (const batch of readDocuments(documents, ["text"], { batchRows: 512 })) {
    if (signal.aborted) throw new InterruptedError();
    for (const row of batch) {
      const text = row["text"] as string;
      const found = scoreDocument(text);
      for (const name of heuristics) scores.push(found[name]);
      const prepared = needsRecipeText ? recipeText(text) : "";
      classifiers.forEach((classifier, i) =>
        // A classifier reads one line: what comes after a line feed would not be read.
        scores.push(
          models[i]!.score(classifier.text === "recipe" ? prepared : text.replaceAll(/[\r\n]+/g, " ")),
        ),
      );
    }
    progress(scores.length / columns, scores.length / columns);
  }
  const rows = scores.length / columns;
  await writeNpy(join(outDir, "scores.npy"), Float32Array.from(scores), [rows, columns]);
  return { rows };
}
