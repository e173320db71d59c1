import { createReadStream } from "node:fs";
import { BucketRows } from "../bucket-rows.ts";
import { countDocuments, idBytes, readIds } from "./band-file.ts";

/** A document that goes, and the one that stays for it. */
export interface NearDuplicate {
  readonly id: string;
  readonly like: string;
}

/**
 * Of each group of documents that are linked by pairs, the one with the smallest id stays. Ids are hashes, so that
 * is a random one, whatever the order of the files. Holds 4 bytes a document and 16 a group.
 *
 *   out   rows.ndjson   NearDuplicate lines, bucket after bucket; no file if there are none. A text that stands
 *                       several times in the corpus may have several.
 *
 * @param paths of band files, in the order in which pairDocuments counted their documents
 * @param pairs of files of pairs
 * @returns where each bucket's lines begin, and where the last one's end
 */
export async function linkDocuments(
  paths: readonly string[],
  bands: number,
  pairs: readonly string[],
  outDir: string,
  buckets: number,
): Promise<number[]> {
  const parents = Uint32Array.from({ length: await countDocuments(paths, bands) }, (_, document) => document);
  const rootOf = (document: number): number => {
    let root = document;
    while (parents[root] !== root) root = parents[root] = parents[parents[root]!]!;
    return root;
  };
  for (const path of pairs) {
    for await (const [left, right] of readPairs(path)) {
      const [one, other] = [rootOf(left), rootOf(right)];
      parents[Math.max(one, other)] = Math.min(one, other);
    }
  }
  const { groupOf, groups } = numberGroups(parents);

  const smallest = Buffer.alloc(groups * idBytes, 0xff);
  const smallestOf = (group: number) => smallest.subarray((group - 1) * idBytes, group * idBytes);
  for await (const { document, id } of documentsOf(paths, bands)) {
    const group = groupOf[document]!;
    if (group > 0 && id.compare(smallestOf(group)) < 0) id.copy(smallestOf(group));
  }
  const rows = new BucketRows<NearDuplicate>(outDir, buckets);
  for await (const { document, id } of documentsOf(paths, bands)) {
    const group = groupOf[document]!;
    // Equal texts have one id; merging leaves one of them.
    if (group === 0 || id.equals(smallestOf(group))) continue;
    await rows.add({ id: id.toString("hex"), like: smallestOf(group).toString("hex") });
  }
  return rows.finish();
}

/**
 * Number the groups of two or more from 1, in place of each document's parent; 0 for a document by itself.
 *
 * @param parents of each document: itself, or one that comes before it
 */
function numberGroups(parents: Uint32Array): { groupOf: Uint32Array; groups: number } {
  const hasOthers = new Uint8Array(Math.ceil(parents.length / 8));
  for (let document = 0; document < parents.length; document++) {
    // Its parent comes before it, and has been pointed to the root.
    const root = parents[parents[document]!]!;
    parents[document] = root;
    if (root !== document) hasOthers[root >> 3]! |= 1 << (root & 7);
  }
  let groups = 0;
  for (let document = 0; document < parents.length; document++) {
    const root = parents[document]!;
    if (root !== document) parents[document] = parents[root]!;
    else parents[document] = (hasOthers[root >> 3]! >> (root & 7)) & 1 ? ++groups : 0;
  }
  return { groupOf: parents, groups };
}

async function* documentsOf(
  paths: readonly string[],
  bands: number,
): AsyncGenerator<{ document: number; id: Buffer }> {
  let document = 0;
  for (const path of paths) {
    for await (const ids of readIds(path, bands)) {
      for (let at = 0; at < ids.length; at += idBytes)
        yield { document: document++, id: ids.subarray(at, at + idBytes) };
    }
  }
}

async function* readPairs(path: string): AsyncGenerator<[number, number]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + 8 <= bytes.length; at += 8) yield [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    rest = bytes.subarray(at);
  }
}
