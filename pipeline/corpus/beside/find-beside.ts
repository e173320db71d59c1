import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { compareBytes } from "../byte-order.ts";
import { type Compression, detectCompression } from "../file-format.ts";

/** A file that says something of the documents of another one, row for row. */
export interface BesideFile {
  readonly path: string;
  /** Path below the folder that holds the documents' folder. */
  readonly name: string;
  /** attributes: lines of JSON with spans and values; array: a .npy file. */
  readonly kind: "attributes" | "array";
  /** The folder it lies in: the name of an array's column. */
  readonly column: string;
  readonly compression: Compression;
  readonly bytes: number;
}

const documentsFolder = `${sep}documents${sep}`;
const attributeFolders = ["attributes", "quality_signals"];
/** Beside RedPajama-V2's documents; they name what its makers would leave out. */
const otherFolders = ["duplicates", "minhash"];

/** True for a path that holds no documents, going by the folder it lies in. */
export function isBeside(path: string, hasDocuments: (root: string) => boolean): boolean {
  if (path.endsWith(".npy")) return true;
  return [...attributeFolders, ...otherFolders].some((folder) => {
    const at = path.lastIndexOf(`${sep}${folder}${sep}`);
    return at !== -1 && hasDocuments(path.slice(0, at));
  });
}

/** The folder that holds documents/ and what lies beside it; undefined if the path is not in such a folder. */
export function documentsRoot(path: string): string | undefined {
  const at = path.lastIndexOf(documentsFolder);
  return at === -1 ? undefined : path.slice(0, at);
}

/**
 * Finds what lies beside files of documents: <root>/documents/a/b.jsonl.gz goes with
 * <root>/attributes/<name>/a/b.jsonl.gz (dolma), <root>/quality_signals/a/b.signals.json.gz (RedPajama-V2) and
 * <root>/<name>/a/b.npy or b__choice.npy (WebOrganizer). Each folder is listed once.
 */
export class BesideFinder {
  readonly #listed = new Map<string, Promise<ReadonlySet<string>>>();

  /** Sorted by path. */
  async find(path: string): Promise<BesideFile[]> {
    const root = documentsRoot(path);
    if (root === undefined) return [];
    const rest = path.slice(root.length + documentsFolder.length);
    const found: Pick<BesideFile, "path" | "kind" | "column">[] = [];

    for (const name of await this.#list(join(root, "attributes"))) {
      const attributes = join(root, "attributes", name, rest);
      if (await this.#has(attributes)) found.push({ path: attributes, kind: "attributes", column: name });
    }
    const signals = join(root, "quality_signals", rest.replace(/(\.jsonl?(\.gz|\.zst)?)$/, ".signals$1"));
    if (await this.#has(signals))
      found.push({ path: signals, kind: "attributes", column: "quality_signals" });

    const stem = basename(rest).replace(/(\.\w{1,7}){1,2}$/, "");
    for (const column of await this.#list(root)) {
      if (column === "documents" || attributeFolders.includes(column)) continue;
      // The index of the likeliest class, where there are the likelihoods of all too.
      for (const name of [`${stem}__choice.npy`, `${stem}.npy`]) {
        const array = join(root, column, dirname(rest), name);
        if (!(await this.#has(array))) continue;
        found.push({ path: array, kind: "array", column });
        break;
      }
    }

    const files: BesideFile[] = [];
    for (const file of found.sort((left, right) => compareBytes(left.path, right.path))) {
      const { size } = await stat(file.path);
      const name = relative(root, file.path);
      files.push({ ...file, name, compression: await detectCompression(file.path), bytes: size });
    }
    return files;
  }

  async #has(path: string): Promise<boolean> {
    return (await this.#list(dirname(path))).has(basename(path));
  }

  #list(folder: string): Promise<ReadonlySet<string>> {
    let names = this.#listed.get(folder);
    if (names === undefined) {
      names = readdir(folder).then(
        (found) => new Set(found.sort(compareBytes)),
        () => new Set<string>(),
      );
      this.#listed.set(folder, names);
    }
    return names;
  }
}
