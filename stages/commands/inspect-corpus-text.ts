import type { CorpusInspection } from "./inspect-corpus.ts";
import { table } from "./summary.ts";
import { formatCount } from "./terminal.ts";

/** Languages or labels that are listed. */
const listed = 8;

/** What was seen of a corpus, for people. */
export function corpusText(corpus: CorpusInspection): string {
  const { format, files, bytes, documents, textBytes, recognised, vectors, leftAside, skipped } = corpus;
  const compression = Object.entries(corpus.compression)
    .filter(([name]) => name !== "none")
    .map(([name, count]) => `, ${formatCount(count)} with ${name}`);
  const head = [
    `corpus: ${format}, ${formatCount(files)} files${compression.join("")}, ${formatCount(bytes)} bytes`,
    ...recognised.map(({ layout, why, format: of }) => `recognised: ${layout} (${of}), by ${why}`),
    `documents: ${formatCount(documents)} with ${formatCount(textBytes)} bytes of text; skipped: ${countsText(skipped)}`,
  ];
  if (Object.keys(corpus.languages).length > 0) head.push(`languages: ${countsText(corpus.languages)}`);
  if (Object.keys(corpus.labels).length > 0) head.push(`labels: ${countsText(corpus.labels)}`);
  if (vectors !== null) {
    head.push(`embeddings: ${formatCount(vectors.documents)} documents, ${vectors.dimension} numbers each`);
  }
  if (leftAside.length > 0) {
    const shown = leftAside.slice(0, 3).map(({ name, why }) => `${name} (${why})`);
    head.push(`left aside: ${formatCount(leftAside.length)} files, as ${shown.join(", ")}`);
  }

  const parts = [head.join("\n"), ...recognised.map(columnTable).filter((text) => text !== undefined)];
  const scores = Object.entries(corpus.scores).map(([name, { documents, min, mean, max }]) => [
    name,
    formatCount(documents),
    ...[min, mean, max].map((value) => String(Number(value.toPrecision(4)))),
  ]);
  if (scores.length > 0)
    parts.push(table(["score", "documents", "min", "mean", "max"], scores, [1, 2, 3, 4]));
  for (const { file, line, id, text } of corpus.examples) {
    const where = `${file}${line > 0 ? `:${line}` : ""}${id === null ? "" : ` (id ${id})`}`;
    parts.push(`${where}\n  ${text.replaceAll(/\s+/g, " ").trim()}`);
  }
  return parts.join("\n\n");
}

function columnTable(reading: CorpusInspection["recognised"][number]): string | undefined {
  const { columns, beside, folderKeys, fields, scores } = reading;
  const use = (name: string) => {
    const role = Object.entries(fields).find(([, column]) => column === name)?.[0];
    return role ?? (scores.includes(name) ? "score" : "");
  };
  const rows = [
    ...columns.map(({ name, type }) => [name, type, use(name)]),
    ...beside.map((name) => [name, "beside the documents", use(name)]),
    ...folderKeys.map((name) => [name, "folder", use(name) || "metadata"]),
  ];
  return rows.length === 0 ? undefined : table(["column", "type", "read as"], rows, []);
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  const shown = entries.slice(0, listed).map(([name, count]) => `${formatCount(count)} ${name}`);
  const more = entries.length > listed ? [`and ${entries.length - listed} more`] : [];
  return [...shown, ...more].join(", ") || "none";
}
