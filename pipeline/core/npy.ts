/**
 * NumPy's .npy format, version 1.0: numeric arrays of one or two dimensions, little-endian, C order.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { open, readFile } from "node:fs/promises";
import { InputError } from "./errors.ts";

export type NpyArray = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

const descriptors = [
  ["<f4", Float32Array],
  ["<f8", Float64Array],
  ["<i4", Int32Array],
  ["|u1", Uint8Array],
  ["<u2", Uint16Array],
  ["<u4", Uint32Array],
] as const;

const magic = Buffer.from("\x93NUMPY\x01\x00", "latin1");
/** Data starts at a multiple of this, so that float views of the file are aligned. */
const alignment = 64;

/**
 * Write `data` as an array of `shape` and flush it to disk.
 *
 * @throws RangeError if the shape's product is not the number of values
 */
export async function writeNpy(path: string, data: NpyArray, shape: readonly number[]): Promise<void> {
  const values = shape.reduce((product, size) => product * size, 1);
  if (values !== data.length) {
    throw new RangeError(`shape [${shape.join(", ")}] holds ${values} values, data has ${data.length}`);
  }
  const file = await open(path, "w");
  try {
    await file.writeFile(header(descriptorOf(data), shape));
    await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Read a whole array.
 *
 * @throws InputError if the file is not a .npy of a supported type, is in Fortran order, or is cut short
 */
export async function readNpy(path: string): Promise<{ data: NpyArray; shape: number[] }> {
  const bytes = await readFile(path);
  const fail = (problem: string): never => failRead(path, problem);
  const { descr, shape, start } = parseNpyHeader(path, bytes);
  const type = descriptors.find(([name]) => name === descr);
  if (type === undefined) return fail(`values of type '${descr}' are not supported`);
  const length = shape.reduce((product, size) => product * size, 1);
  const expectedBytes = start + length * type[1].BYTES_PER_ELEMENT;
  if (bytes.length < expectedBytes) fail(`has ${bytes.length} bytes, its header says ${expectedBytes}`);
  // Copied so that the view starts at offset 0 of its own buffer, aligned whatever the reader returned.
  const copy = new Uint8Array(length * type[1].BYTES_PER_ELEMENT);
  copy.set(bytes.subarray(start, expectedBytes));
  return { data: new type[1](copy.buffer), shape };
}

/** What an array's file says of itself before its values. */
export interface NpyHeader {
  /** NumPy's name of the type, as in <f4. */
  readonly descr: string;
  readonly shape: number[];
  /** Where the values begin. */
  readonly start: number;
}

/**
 * @param bytes the beginning of the file, 64 KiB or all of it
 * @throws InputError if it is not a .npy file, or in Fortran order
 */
export function parseNpyHeader(path: string, bytes: Buffer): NpyHeader {
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(magic.subarray(0, 6)))
    failRead(path, "not a .npy file");
  const wide = bytes[6]! >= 2;
  const headerStart = wide ? 12 : 10;
  const headerBytes = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const text = bytes.subarray(headerStart, headerStart + headerBytes).toString("latin1");
  if (/'fortran_order':\s*True/.test(text)) failRead(path, "Fortran order is not supported");
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(text)?.[1] ?? "")
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  return { descr: /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? "", shape, start: headerStart + headerBytes };
}

function failRead(path: string, problem: string): never {
  throw new InputError(`${path}: ${problem}`, "write it again, for example with numpy.save");
}

function descriptorOf(data: NpyArray): string {
  for (const [name, type] of descriptors) if (data instanceof type) return name;
  throw new TypeError("not a supported typed array");
}

function header(descr: string, shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = magic.length + 2 + text.length + 1;
  const padded = Math.ceil(unpadded / alignment) * alignment;
  const padding = " ".repeat(padded - unpadded);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded - magic.length - 2);
  return Buffer.concat([magic, length, Buffer.from(`${text}${padding}\n`, "latin1")]);
}
