import {
  advance,
  type Code,
  encodeWasm,
  get,
  lane,
  loopWhile,
  memory,
  op,
  set,
  splat,
  type WasmFunction,
} from "../../core/wasm-code.ts";
import { fitsRoom, roomFor, WasmRoom } from "../../core/wasm-room.ts";
import { type AdamW, PlainAdamW, type Rates, stateParts, type TrainingState } from "./adamw.ts";

/** The quick one where 4 GiB are enough for it, else the plain one: the same bits. */
export function openAdamW(parameters: number): AdamW {
  return fitsRoom(bytesFor(parameters)) ? new SimdAdamW(parameters) : new PlainAdamW(parameters);
}

/**
 * In WebAssembly, four parameters at a time and one pass over memory, where a graph of operators makes a dozen. The
 * vectors end at a multiple of four; the zeros after the last parameter stay zeros.
 */
export class SimdAdamW implements AdamW {
  readonly state: TrainingState;
  readonly gradient: Float32Array;
  readonly #room: WasmRoom;
  readonly #end: number;

  constructor(parameters: number) {
    const module = new WebAssembly.Module(encodeWasm([squaresKernel(), updateKernel()]));
    this.#room = new WasmRoom(module, bytesFor(parameters));
    const vector = () => this.#room.float32(ceilFour(parameters)).subarray(0, parameters);
    this.state = { theta: vector(), m: vector(), v: vector() };
    this.gradient = vector();
    this.#end = this.gradient.byteOffset + 4 * ceilFour(parameters);
  }

  gradientNorm(): number {
    return Math.sqrt(this.#room.code["squares"]!(this.gradient.byteOffset, this.#end));
  }

  update(rates: Rates): void {
    const { theta, m, v } = this.state;
    const addresses = [this.gradient, theta, m, v].map(({ byteOffset }) => byteOffset);
    this.#room.code["update"]!(...addresses, this.#end, ...rateOrder.map((rate) => rates[rate]));
  }
}

function bytesFor(parameters: number): number {
  return roomFor(...[...stateParts, "gradient"].map(() => 4 * ceilFour(parameters)));
}

function ceilFour(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** squares(gradient, end): the sum of squares, in float64. */
function squaresKernel(): WasmFunction {
  const [gradient, end, low, high, pair] = [0, 1, 2, 3, 4];
  const addSquares = (sums: number, offset: number): Code => [
    ...set(pair, op("f64x2.promote_low_f32x4", memory("v128.load64_zero", get(gradient), offset))),
    ...set(sums, op("f64x2.add", get(sums), op("f64x2.mul", get(pair), get(pair)))),
  ];
  const sums = op("f64x2.add", get(low), get(high));
  return {
    name: "squares",
    parameters: ["i32", "i32"],
    result: "f64",
    locals: ["v128", "v128", "v128"],
    body: [
      ...loopWhile(op("i32.lt_u", get(gradient), get(end)), [
        ...addSquares(low, 0),
        ...addSquares(high, 8),
        ...advance(gradient, 16),
      ]),
      ...set(low, sums),
      ...op("f64.add", lane(0, get(low)), lane(1, get(low))),
    ],
  };
}

const load = (pointer: number) => memory("v128.load", get(pointer), 0);
const store = (pointer: number, value: Code) => memory("v128.store", get(pointer), 0, value);
const times = (left: Code, right: Code) => op("f32x4.mul", left, right);
const plus = (left: Code, right: Code) => op("f32x4.add", left, right);

const rateOrder = [
  "beta1",
  "beta2",
  "gradientShare",
  "squareShare",
  "epsilon",
  "stepSize",
  "kept",
] as const satisfies (keyof Rates)[];

/** update(gradient, theta, m, v, end, ...rates), end being the gradient's. */
function updateKernel(): WasmFunction {
  const pointers = [0, 1, 2, 3] as const;
  const [gradient, theta, m, v] = pointers;
  const end = 4;
  const firstRate = 5;
  const firstFour = firstRate + rateOrder.length;
  // Each rate four times, in a local of its own.
  const four = (rate: keyof Rates) => get(firstFour + rateOrder.indexOf(rate));
  const [g, first, second] = [0, 1, 2].map((local) => firstFour + rateOrder.length + local) as [
    number,
    number,
    number,
  ];
  return {
    name: "update",
    parameters: ["i32", "i32", "i32", "i32", "i32", ...rateOrder.map(() => "f32" as const)],
    locals: [...rateOrder, g, first, second].map(() => "v128" as const),
    body: [
      ...rateOrder.flatMap((_, index) => set(firstFour + index, splat(get(firstRate + index)))),
      ...loopWhile(op("i32.lt_u", get(gradient), get(end)), [
        ...set(g, load(gradient)),
        ...set(first, plus(times(load(m), four("beta1")), times(get(g), four("gradientShare")))),
        ...set(
          second,
          plus(times(load(v), four("beta2")), times(times(get(g), get(g)), four("squareShare"))),
        ),
        ...store(m, get(first)),
        ...store(v, get(second)),
        ...set(first, op("f32x4.div", get(first), plus(op("f32x4.sqrt", get(second)), four("epsilon")))),
        ...store(
          theta,
          op("f32x4.sub", times(load(theta), four("kept")), times(get(first), four("stepSize"))),
        ),
        ...pointers.flatMap((pointer) => advance(pointer, 16)),
      ]),
    ],
  };
}
