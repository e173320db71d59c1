import type { CodeKernels, CodeShape } from "./code-kernels.ts";
import type { CodedCentroids } from "./job.ts";
import { pointZero } from "./quantise.ts";
import { bestKernel, shortlistKernel } from "./score-kernels.ts";
import {
  advance,
  splat,
  type Code,
  float,
  foldFour,
  get,
  int,
  loopWhile,
  memory,
  op,
  set,
  storeFirstFourBytes,
  type WasmFunction,
} from "../core/wasm-code.ts";
import { fitsRoom, roomFor, WasmRoom } from "../core/wasm-room.ts";

/** The code kernels in WebAssembly, four float32 at a time, in a memory of their own. Belongs to one thread. */
export class SimdCodeKernels implements CodeKernels {
  readonly sums: Int32Array;
  readonly listed: Uint32Array;
  readonly #code: WasmRoom["code"];
  readonly #shape: CodeShape;
  /** Values of a row, with zeros that make them a multiple of four. */
  readonly #width: number;
  readonly #rows: Float32Array;
  readonly #codes: Uint8Array;
  readonly #squares: Float32Array;
  readonly #origin: Float32Array;
  /** By fours of columns: their scales, biases, norms, errors; a cache line each. */
  readonly #fours: Float32Array;
  #quantum = 0;

  constructor(module: WebAssembly.Module, shape: CodeShape) {
    const { dim, columns, blockRows } = shape;
    this.#shape = shape;
    this.#width = Math.ceil(dim / 4) * 4;
    const room = new WasmRoom(module, bytesFor(shape));
    this.#code = room.code;
    this.sums = room.int32(blockRows * columns);
    // Every fourth is written, and one beyond the last that counts.
    this.listed = room.uint32(columns + 4);
    this.#rows = room.float32(blockRows * this.#width);
    this.#codes = room.uint8(blockRows * dim + 4);
    this.#squares = room.float32(blockRows * 2);
    this.#origin = room.float32(this.#width);
    this.#fours = room.float32(columns * 4);
  }

  loadOrigin(origin: Float32Array, quantum: number): void {
    this.#origin.set(origin);
    this.#quantum = quantum;
  }

  quantise(points: Float32Array, rows: number, codes: Uint8Array, squares: Float32Array): void {
    const { dim } = this.#shape;
    if (dim === this.#width) this.#rows.set(points.subarray(0, rows * dim));
    else {
      for (let row = 0; row < rows; row++) {
        this.#rows.set(points.subarray(row * dim, (row + 1) * dim), row * this.#width);
      }
    }
    for (let row = 0; row < rows; row++) {
      // The last of a row may be followed by zeros' codes: the next row writes over them.
      this.#code["quantise"]!(
        this.#rows.byteOffset + row * this.#width * 4,
        this.#width,
        this.#origin.byteOffset,
        this.#codes.byteOffset + row * dim,
        1 / this.#quantum,
        this.#quantum,
        this.#squares.byteOffset + row * 8,
      );
    }
    codes.set(this.#codes.subarray(0, rows * dim));
    squares.set(this.#squares.subarray(0, rows * 2));
  }

  load({ scales, biases, norms, errors }: CodedCentroids): void {
    for (const [place, values] of [scales, biases, norms, errors].entries()) {
      for (let k = 0; k < values.length; k++) {
        this.#fours[(k & ~3) * 4 + place * 4 + (k & 3)] = values[k]!;
      }
    }
  }

  best(row: number): number {
    const { columns } = this.#shape;
    return this.#code["best"]!(this.sums.byteOffset + row * columns * 4, columns, this.#fours.byteOffset);
  }

  shortlist(row: number, residual: number, length: number, slack: number): number {
    const { columns } = this.#shape;
    const { byteOffset } = this.listed;
    const end = this.#code["shortlist"]!(
      this.sums.byteOffset + row * columns * 4,
      columns,
      this.#fours.byteOffset,
      residual,
      length,
      slack,
      byteOffset,
    );
    return (end - byteOffset) / 4;
  }
}

/** Whether a memory of WebAssembly is large enough. */
export function codesFitMemory(shape: CodeShape): boolean {
  return fitsRoom(bytesFor(shape));
}

/** In the order of the constructor. */
function bytesFor({ dim, columns, blockRows }: CodeShape): number {
  const width = 4 * Math.ceil(dim / 4);
  return roomFor(
    blockRows * columns * 4,
    (columns + 4) * 4,
    blockRows * width * 4,
    blockRows * dim + 4,
    blockRows * 2 * 4,
    width * 4,
    columns * 4 * 4,
  );
}

export function codeKernelCode(): WasmFunction[] {
  return [quantiseKernel(), bestKernel(), shortlistKernel()];
}

/** quantise(row, width, origin, codes, steps, quantum, squares) */
function quantiseKernel(): WasmFunction {
  const [row, width, origin, codes, steps, quantum, squares] = [0, 1, 2, 3, 4, 5, 6];
  const [end, offsets, units, residuals, lengths, packed] = [7, 8, 9, 10, 11, 12];
  return {
    name: "quantise",
    parameters: ["i32", "i32", "i32", "i32", "f32", "f32", "i32"],
    locals: ["i32", "v128", "v128", "v128", "v128", "v128"],
    body: [
      ...set(end, op("i32.add", get(row), op("i32.mul", get(width), int(4)))),
      ...loopWhile(op("i32.lt_u", get(row), get(end)), [
        ...set(offsets, op("f32x4.sub", fourAt(row), fourAt(origin))),
        ...set(
          units,
          op(
            "f32x4.trunc",
            op("f32x4.add", op("f32x4.mul", get(offsets), splat(get(steps))), splat(float(pointZero + 0.5))),
          ),
        ),
        ...set(packed, op("i32x4.trunc_sat_f32x4_s", get(units))),
        ...set(packed, op("i16x8.narrow_i32x4_u", get(packed), get(packed))),
        ...storeFirstFourBytes(get(codes), op("i8x16.narrow_i16x8_u", get(packed), get(packed))),
        ...addSquare(lengths, offsets),
        ...set(
          offsets,
          op(
            "f32x4.sub",
            get(offsets),
            op("f32x4.mul", op("f32x4.sub", get(units), splat(float(pointZero))), splat(get(quantum))),
          ),
        ),
        ...addSquare(residuals, offsets),
        ...advance(row, 16),
        ...advance(origin, 16),
        ...advance(codes, 4),
      ]),
      ...memory("f32.store", get(squares), 0, foldFour("f32.add", get(residuals))),
      ...memory("f32.store", get(squares), 4, foldFour("f32.add", get(lengths))),
    ],
  };
}

function addSquare(sum: number, of: number): Code {
  return set(sum, op("f32x4.add", get(sum), op("f32x4.mul", get(of), get(of))));
}

function fourAt(pointer: number): Code {
  return memory("v128.load", get(pointer), 0);
}
