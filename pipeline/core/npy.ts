/**
 * NumPy's .npy format, version 1.0: numeric arrays of one or two dimensions, little-endian, C order.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { type FileHandle, open } from "node:fs/promises";
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
const maxHeaderBytes = 65_536;

/**
 * Write `data` as an array of `shape` and flush it to disk, unless that is not wanted.
 *
 * @throws RangeError if the shape's product is not the number of values
 */
export async function writeNpy(
  path: string,
  data: NpyArray,
  shape: readonly number[],
  { flush = true }: { flush?: boolean } = {},
): Promise<void> {
  const values = valuesOf(shape);
  if (values !== data.length) {
    throw new RangeError(`shape [${shape.join(", ")}] holds ${values} values, data has ${data.length}`);
  }
  const file = await open(path, "w");
  try {
    await file.writeFile(header(descriptorOf(data), shape));
    await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (flush) await file.sync();
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
  const file = await open(path);
  try {
    const { descr, shape, start } = await headerOf(file, path);
    const [, type] = descriptors.find(([name]) => name === descr)!;
    const data = new type(valuesOf(shape));
    const bytes = new Uint8Array(data.buffer);
    for (let done = 0; done < bytes.length;) {
      // One read moves less than 2 GiB.
      const length = Math.min(bytes.length - done, 2 ** 30);
      const { bytesRead } = await file.read(bytes, done, length, start + done);
      if (bytesRead === 0) failRead(path, "was cut short while it was read");
      done += bytesRead;
    }
    return { data, shape };
  } finally {
    await file.close();
  }
}

/**
 * The header of an array that is there whole, so that its values can be read piece by piece.
 *
 * @throws InputError as {@link readNpy} does
 */
export async function readNpyHeader(path: string): Promise<NpyHeader> {
  const file = await open(path);
  try {
    return await headerOf(file, path);
  } finally {
    await file.close();
  }
}

async function headerOf(file: FileHandle, path: string): Promise<NpyHeader> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxHeaderBytes), 0, maxHeaderBytes, 0);
  const header = parseNpyHeader(path, buffer.subarray(0, bytesRead));
  const type = descriptors.find(([name]) => name === header.descr);
  if (type === undefined) return failRead(path, `values of type '${header.descr}' are not supported`);
  const expectedBytes = header.start + valuesOf(header.shape) * type[1].BYTES_PER_ELEMENT;
  const { size } = await file.stat();
  if (size < expectedBytes) failRead(path, `has ${size} bytes, its header says ${expectedBytes}`);
  return header;
}

function valuesOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
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
