import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { InputError } from "../core/errors.ts";
import { compareBytes } from "./byte-order.ts";
import { formatByContent } from "./format-by-content.ts";
import {
  type Compression,
  detectCompression,
  type FileFormat,
  formatByName,
  knownEndings,
} from "./file-format.ts";

/** A file of documents. */
export interface InputFile {
  /** Name of the source it belongs to. */
  readonly source: string;
  /** Absolute path. */
  readonly path: string;
  /** Path below the folder that all the source's patterns share: stays when the corpus moves as a whole. */
  readonly name: string;
  readonly format: FileFormat;
  readonly compression: Compression;
  readonly bytes: number;
}

interface FileSource {
  readonly name: string;
  /** Files, folders or globs, relative to the working directory; one that starts with `!` excludes. */
  readonly files: readonly string[];
  readonly format: FileFormat | "auto";
}

/**
 * Find the files of all sources, sorted by source and name. A file matched twice within a source counts once.
 *
 * @throws InputError if a pattern matches nothing, or `auto` does not know a file's ending
 */
export async function discoverFiles(sources: readonly FileSource[], cwd: string): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const source of sources) files.push(...(await discoverSource(source, cwd)));
  return files.sort(
    (left, right) => compareBytes(left.source, right.source) || compareBytes(left.name, right.name),
  );
}

async function discoverSource(
  { name: source, files, format }: FileSource,
  cwd: string,
): Promise<InputFile[]> {
  const ignore = files.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const bases: string[] = [];
  const paths = new Set<string>();
  for (const pattern of files.filter((pattern) => !pattern.startsWith("!"))) {
    const { base, matches } = await matchPattern(pattern, ignore, cwd);
    if (matches.length === 0) {
      throw new InputError(
        `source ${source}: '${pattern}' matches no file (looked in ${base})`,
        "correct its files in the config; they are relative to the directory the command runs in",
      );
    }
    bases.push(base);
    for (const path of matches) paths.add(path);
  }

  const base = bases.reduce(sharedFolder, bases[0] ?? cwd);
  const found: InputFile[] = [];
  for (const path of paths) {
    const compression = await detectCompression(path).catch(refuseUnreadable(path));
    const resolved =
      format === "auto" ? (formatByName(path) ?? (await formatByContent({ path, compression }))) : format;
    if (resolved === undefined) {
      throw new InputError(
        `source ${source}: cannot tell the format of ${path} by its ending`,
        `set the source's format, or match only ${knownEndings.join(" ")} (also with .gz, .zst)`,
      );
    }
    const { size } = await stat(path);
    found.push({
      source,
      path,
      name: relative(base, path),
      format: resolved,
      compression,
      bytes: size,
    });
  }
  return found;
}

function refuseUnreadable(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new InputError(`${path} cannot be read (${error.code})`, "give this user the right to read it", {
      cause: error,
    });
  };
}

/** Absolute paths a pattern matches, and the folder it starts from. */
async function matchPattern(
  pattern: string,
  ignore: string[],
  cwd: string,
): Promise<{ base: string; matches: string[] }> {
  const plain = resolve(cwd, pattern);
  const found = await stat(plain).catch(() => undefined);
  // A name that exists is taken literally, whatever brackets it holds.
  if (found?.isFile() === true) return { base: dirname(plain), matches: [plain] };
  const inFolder = found?.isDirectory() === true;
  const base = inFolder ? plain : fixedFolder(pattern, cwd);
  const matches = await glob(inFolder ? "**" : pattern, {
    cwd: inFolder ? plain : cwd,
    ignore: ignore.map((excluded) => resolve(cwd, excluded)),
    absolute: true,
    expandDirectories: false,
  });
  return { base, matches: matches.map((path) => resolve(path)) };
}

/** The part of a glob before its first wildcard. */
function fixedFolder(pattern: string, cwd: string): string {
  const segments = pattern.split("/");
  const wildcard = segments.findIndex((segment) => isDynamicPattern(segment));
  const fixed = segments.slice(0, wildcard === -1 ? -1 : wildcard);
  return resolve(cwd, `${fixed.join("/")}${pattern.startsWith("/") ? "/" : ""}`);
}

function sharedFolder(left: string, right: string): string {
  const segments = left.split("/");
  const others = right.split("/");
  const end = segments.findIndex((segment, index) => segment !== others[index]);
  return end === -1 ? left : join("/", ...segments.slice(0, end));
}
