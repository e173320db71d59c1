import { appendFile, writeFile } from "node:fs/promises";
import { InterruptedError } from "../../core/errors.ts";
import { countDocuments, readBand } from "./band-file.ts";
import { LastOfHash } from "./last-of-hash.ts";

/** Pairs held before they are written. */
const heldPairs = 2 ** 16;

/** Different hashes held at once, 24 bytes each. */
const hashesAtOnce = 2 ** 22;

export interface PairInput {
  /** Band files; their documents are counted through all of them, from 0. */
  readonly paths: readonly string[];
  readonly bands: number;
  /** The bands to look at, [from, to). */
  readonly from: number;
  readonly to: number;
  /** Where pairs go: uint32, pairs * 2. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** In hashes looked at. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Pair each document with the one before it that shares a band, for some bands. With more documents than
 * `atOnce` the files are read several times, each time for the hashes of one range, so that memory does not grow.
 *
 * @returns pairs
 * @throws InterruptedError if `signal` is aborted
 */
export async function pairDocuments(
  { paths, bands, from, to, out, signal, onProgress }: PairInput,
  atOnce = hashesAtOnce,
): Promise<number> {
  const documents = await countDocuments(paths, bands);
  const passes = Math.max(1, Math.ceil(documents / atOnce));
  const lastOf = new LastOfHash(Math.min(documents, atOnce));
  let held: number[] = [];
  let pairs = 0;
  await writeFile(out, "");
  const write = async () => {
    await appendFile(out, new Uint8Array(Uint32Array.from(held).buffer));
    pairs += held.length / 2;
    held = [];
  };

  let done = 0;
  for (let band = from; band < to; band++) {
    for (let pass = 0; pass < passes; pass++) {
      const [least, beyond] = [(2 ** 32 * pass) / passes, (2 ** 32 * (pass + 1)) / passes];
      lastOf.clear();
      let document = 0;
      for (const path of paths) {
        for await (const hashes of readBand(path, band, bands)) {
          if (signal.aborted) throw new InterruptedError();
          for (let at = 0; at < hashes.length; at += 2, document++) {
            const high = hashes[at + 1]!;
            if (high < least || high >= beyond) continue;
            const before = lastOf.replace(hashes[at]!, high, document);
            if (before !== undefined) held.push(before, document);
          }
          onProgress((done += hashes.length / 2), documents * passes * (to - from));
          if (held.length >= 2 * heldPairs) await write();
        }
      }
    }
  }
  await write();
  return pairs;
}
