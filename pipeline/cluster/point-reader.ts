import { closeSync, openSync, readSync } from "node:fs";
import { InputError } from "../core/errors.ts";
import { readNpyHeader } from "../core/npy.ts";
import type { PointFile, PointSource } from "./points.ts";

/** Reads rows of a source into memory of the caller's own. Belongs to one thread. */
export interface PointReader {
  /** Copy rows [first, first + count) to the start of `into`. */
  read(first: number, count: number, into: Float32Array): void;
  /** One row, in a buffer that the next call overwrites. */
  row(index: number): Float32Array;
  close(): void;
}

/** @throws InputError from `read` and `row` if a file is gone or has become shorter */
export function openPointReader(source: PointSource): PointReader {
  const { dim, picked } = source;
  const storage = "data" in source ? memory(source.data, dim) : files(source.files, dim);
  const own = new Float32Array(dim);
  const read = (first: number, count: number, into: Float32Array): void => {
    if (picked === undefined) return storage.read(first, count, into, 0);
    // Runs of neighbours are read at once.
    for (let done = 0; done < count;) {
      const start = picked[first + done]!;
      let length = 1;
      while (done + length < count && picked[first + done + length] === start + length) length++;
      storage.read(start, length, into, done * dim);
      done += length;
    }
  };
  return {
    read,
    row(index) {
      read(index, 1, own);
      return own;
    },
    close: () => storage.close(),
  };
}

/**
 * Files of float32 vectors as a source.
 *
 * @param dim what every file's second dimension has to be; the first file's by default
 * @throws InputError naming the file that is no float32 matrix or has another dimension
 */
export async function openPointFiles(paths: readonly string[], dim?: number): Promise<PointSource> {
  const files: PointFile[] = [];
  let rows = 0;
  for (const path of paths) {
    const { descr, shape, start: dataStart } = await readNpyHeader(path);
    if (descr !== "<f4" || shape.length !== 2) {
      throw new InputError(
        `${path} holds '${descr}' of shape [${shape.join(", ")}], vectors are '<f4' of two dimensions`,
        "write it again as numpy.save(path, vectors.astype('float32'))",
      );
    }
    dim ??= shape[1]!;
    if (shape[1] !== dim) {
      throw new InputError(
        `${path} has vectors of dimension ${shape[1]}, ${dim} is needed`,
        "vectors of one embedding model only can be clustered together; embed again",
      );
    }
    files.push({ path, rows: shape[0]!, dataStart });
    rows += shape[0]!;
  }
  return { files, rows, dim: dim ?? 0 };
}

interface Storage {
  read(first: number, count: number, into: Float32Array, at: number): void;
  close(): void;
}

function memory(data: Float32Array, dim: number): Storage {
  return {
    read: (first, count, into, at) => into.set(data.subarray(first * dim, (first + count) * dim), at),
    close: () => {},
  };
}

function files(parts: readonly PointFile[], dim: number): Storage {
  const rowBytes = dim * Float32Array.BYTES_PER_ELEMENT;
  const starts: number[] = [];
  let total = 0;
  for (const { rows } of parts) {
    starts.push(total);
    total += rows;
  }
  const handles: (number | undefined)[] = [];
  let part = 0;
  return {
    read(first, count, into, at) {
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
      let to = at * Float32Array.BYTES_PER_ELEMENT;
      for (let row = first; row < first + count;) {
        // Mostly the part of the last call.
        while (row < starts[part]!) part--;
        while (row >= starts[part]! + parts[part]!.rows) part++;
        const { path, rows, dataStart } = parts[part]!;
        const handle = (handles[part] ??= openSync(path, "r"));
        const from = row - starts[part]!;
        const length = Math.min(rows - from, first + count - row) * rowBytes;
        readFully(handle, bytes.subarray(to, to + length), dataStart + from * rowBytes, path);
        to += length;
        row += length / rowBytes;
      }
    },
    close() {
      for (const handle of handles.splice(0)) if (handle !== undefined) closeSync(handle);
    },
  };
}

function readFully(handle: number, into: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < into.length;) {
    const bytes = readSync(handle, into, done, into.length - done, position + done);
    if (bytes === 0) {
      throw new InputError(
        `${path} ends before byte ${position + into.length}`,
        "it was cut short; embed again",
      );
    }
    done += bytes;
  }
}
