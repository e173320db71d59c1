import { open } from "node:fs/promises";
import { InputError } from "./errors.ts";
import { type NpyHeader, parseNpyHeader } from "./npy.ts";

/** Read at a time. */
const pieceBytes = 2 ** 20;

/** Bytes of a value and how it is read; beyond 2^53 an integer loses its last digits. */
const types: Readonly<Record<string, readonly [number, (view: DataView, at: number) => number]>> = {
  "<f2": [2, (view, at) => half(view.getUint16(at, true))],
  "<f4": [4, (view, at) => view.getFloat32(at, true)],
  "<f8": [8, (view, at) => view.getFloat64(at, true)],
  "|i1": [1, (view, at) => view.getInt8(at)],
  "<i2": [2, (view, at) => view.getInt16(at, true)],
  "<i4": [4, (view, at) => view.getInt32(at, true)],
  "<i8": [8, (view, at) => Number(view.getBigInt64(at, true))],
  "|u1": [1, (view, at) => view.getUint8(at)],
  "|b1": [1, (view, at) => view.getUint8(at)],
  "<u2": [2, (view, at) => view.getUint16(at, true)],
  "<u4": [4, (view, at) => view.getUint32(at, true)],
  "<u8": [8, (view, at) => Number(view.getBigUint64(at, true))],
};

/**
 * The header of an array of one or two dimensions, of any numeric type.
 *
 * @throws InputError if the file is no such array, or shorter than its header says
 */
export async function readNpyHeader(path: string): Promise<NpyHeader> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2 ** 16), 0, 2 ** 16, 0);
    const header = parseNpyHeader(path, buffer.subarray(0, bytesRead));
    const type = types[header.descr];
    const fail = (problem: string): never => {
      throw new InputError(`${path}: ${problem}`, "write it again, for example with numpy.save");
    };
    if (type === undefined) return fail(`values of type '${header.descr}' are not supported`);
    if (header.shape.length < 1 || header.shape.length > 2) {
      fail(`has ${header.shape.length} dimensions instead of one or two`);
    }
    const expected = header.start + type[0] * header.shape.reduce((product, size) => product * size, 1);
    const { size } = await file.stat();
    return size < expected ? fail(`has ${size} bytes, its header says ${expected}`) : header;
  } finally {
    await file.close();
  }
}

/**
 * The rows of an array one after the other, a piece of the file in memory at a time. A row of a one-dimensional
 * array is one value.
 *
 * @throws InputError as readNpyHeader does
 */
export async function* npyRows(path: string): AsyncGenerator<Float64Array> {
  const { descr, shape, start } = await readNpyHeader(path);
  const [rows = 0, width = 1] = shape;
  const [valueBytes, value] = types[descr]!;
  const rowBytes = width * valueBytes;
  const rowsAtOnce = Math.max(1, Math.floor(pieceBytes / Math.max(1, rowBytes)));
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(rowsAtOnce * rowBytes);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    for (let first = 0; first < rows; first += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - first);
      await file.read(buffer, 0, count * rowBytes, start + first * rowBytes);
      for (let row = 0; row < count; row++) {
        yield Float64Array.from({ length: width }, (_, column) =>
          value(view, row * rowBytes + column * valueBytes),
        );
      }
    }
  } finally {
    await file.close();
  }
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x80_00 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3_ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
