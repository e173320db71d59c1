import { stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { InputError } from "../core/errors.ts";
import { type BesideFile, BesideFinder, documentsRoot, isBeside } from "./beside/find-beside.ts";
import { compareBytes } from "./byte-order.ts";
import { type Compression, detectCompression, type FileFormat, knownEndings } from "./file-format.ts";
import { folderKeys } from "./folder-keys.ts";
import { detectFormat } from "./format-by-content.ts";

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
  /** Metadata written on the folders it lies in. */
  readonly folderKeys: Readonly<Record<string, string>>;
  /** Files that say more of its documents, row for row. */
  readonly beside: readonly BesideFile[];
  /** The part of it that is meant, if it is not the whole; `bytes` are then the part's. */
  readonly part?: FilePart;
}

/** A part of a file that can be read by itself. */
export interface FilePart {
  /** From 0, in the file's order. */
  readonly index: number;
  readonly unit: "bytes" | "rows";
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** A file that a folder or glob holds and that is not read. */
export interface LeftAside {
  readonly source: string;
  readonly name: string;
  readonly why: string;
}

interface FileSource {
  readonly name: string;
  /** Files, folders or globs, relative to the working directory; one that starts with `!` excludes. */
  readonly files: readonly string[];
  readonly format: FileFormat | "auto";
}

/**
 * Find the files of all sources, sorted by source and name. A file matched twice within a source counts once.
 * What is no document is left aside where a folder stands for everything in it, and refused where a pattern names it.
 *
 * @throws InputError if a pattern matches nothing, or `auto` does not know the format of a file that one names
 */
export async function discoverFiles(
  sources: readonly FileSource[],
  cwd: string,
): Promise<{ files: InputFile[]; leftAside: LeftAside[] }> {
  const found = { files: [] as InputFile[], leftAside: [] as LeftAside[] };
  for (const source of sources) {
    const { files, leftAside } = await discoverSource(source, cwd);
    found.files.push(...files);
    found.leftAside.push(...leftAside);
  }
  return { files: found.files.sort(bySourceAndName), leftAside: found.leftAside.sort(bySourceAndName) };
}

type Named = Pick<InputFile, "source" | "name">;

function bySourceAndName(left: Named, right: Named): number {
  return compareBytes(left.source, right.source) || compareBytes(left.name, right.name);
}

async function discoverSource(
  { name: source, files: patterns, format }: FileSource,
  cwd: string,
): Promise<{ files: InputFile[]; leftAside: LeftAside[] }> {
  const ignore = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const bases: string[] = [];
  /** Whether the path was found in a folder only, and not by a pattern. */
  const paths = new Map<string, boolean>();
  for (const pattern of patterns.filter((pattern) => !pattern.startsWith("!"))) {
    const { base, matches, inFolder } = await matchPattern(pattern, ignore, cwd);
    if (matches.length === 0) {
      throw new InputError(
        `source ${source}: '${pattern}' matches no file (looked in ${base})`,
        "correct its files in the config; they are relative to the directory the command runs in",
      );
    }
    bases.push(base);
    for (const path of matches) paths.set(path, inFolder && (paths.get(path) ?? true));
  }

  const base = bases.reduce(sharedFolder, bases[0] ?? cwd);
  const roots = new Set([...paths.keys()].map(documentsRoot));
  const finder = new BesideFinder();
  const files: InputFile[] = [];
  const leftAside: LeftAside[] = [];
  for (const [path, inFolder] of paths) {
    const name = relative(base, path);
    const aside = (why: string) => leftAside.push({ source, name, why });
    if (isBeside(path, (root) => roots.has(root))) {
      aside("goes with documents of another folder");
      continue;
    }
    const compression = await detectCompression(path).catch(refuseUnreadable(path));
    const resolved = format === "auto" ? await detectFormat({ path, compression }) : format;
    if (resolved === undefined) {
      if (inFolder) {
        aside("its format is not known");
        continue;
      }
      throw new InputError(
        `source ${source}: cannot tell the format of ${path} by its ending or its first bytes`,
        `set the source's format, or match only ${knownEndings.join(" ")} (also with .gz, .zst)`,
      );
    }
    const { size } = await stat(path);
    files.push({
      source,
      path,
      name,
      format: resolved,
      compression,
      bytes: size,
      folderKeys: folderKeys(path),
      beside: await finder.find(path),
    });
  }
  const isTable = files.some(({ path, format }) => !isCompanion(path) && formatsOfRecords.has(format));
  const documents = files.filter(({ path, name }) => {
    if (!isTable || paths.get(path) === false || !isCompanion(path)) return true;
    leftAside.push({ source, name, why: "tells of the corpus, and is not of it" });
    return false;
  });
  if (documents.length === 0) {
    const [first] = leftAside;
    throw new InputError(
      `source ${source}: none of its ${leftAside.length} files is one of documents (${first!.name}: ${first!.why})`,
      `set the source's format, or match ${knownEndings.join(" ")} (also with .gz, .zst)`,
    );
  }
  return { files: documents, leftAside };
}

const formatsOfRecords: ReadonlySet<FileFormat> = new Set(["jsonl", "parquet", "warc", "wet"]);

/** Files that publishers put beside a corpus's own. */
function isCompanion(path: string): boolean {
  return /^(readme|license|licence|notice|changelog|dataset_infos?|dataset_dict|state|_metadata|_common_metadata)(\.(md|txt|json|rst))?$/i.test(
    basename(path),
  );
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
): Promise<{ base: string; matches: string[]; inFolder: boolean }> {
  const plain = resolve(cwd, pattern);
  const found = await stat(plain).catch(() => undefined);
  // A name that exists is taken literally, whatever brackets it holds.
  if (found?.isFile() === true) return { base: dirname(plain), matches: [plain], inFolder: false };
  const inFolder = found?.isDirectory() === true;
  const base = inFolder ? plain : fixedFolder(pattern, cwd);
  const matches = await glob(inFolder ? "**" : pattern, {
    cwd: inFolder ? plain : cwd,
    ignore: ignore.map((excluded) => resolve(cwd, excluded)),
    absolute: true,
    expandDirectories: false,
  });
  return { base, matches: matches.map((path) => resolve(path)), inFolder };
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
