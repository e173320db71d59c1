/**
 * Writes WebAssembly 1.0 with 128-bit SIMD by hand: as much of it as loops over rows of numbers need.
 * https://webassembly.github.io/spec/core/binary/
 *
 * Code is a list of bytes; what an instruction takes stands before it, as on the stack.
 */
export type Code = readonly number[];

type ValueType = "i32" | "f32" | "f64" | "v128";
const valueTypes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  /** Types of the locals that come after the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const int = (value: number): Code => [0x41, ...signed(value)];
export const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
export const op = (instruction: keyof typeof opcodes, ...operands: Code[]): Code => [
  ...operands.flat(),
  ...opcodes[instruction],
];
/** A load from, or with a value a store to, `address + offset`. */
export const memory = (
  instruction: keyof typeof memoryOpcodes,
  address: Code,
  offset: number,
  ...value: Code[]
): Code => [...address, ...value.flat(), ...memoryOpcodes[instruction], 0, ...unsigned(offset)];
/** First or second number of a pair. */
export const lane = (index: 0 | 1, pair: Code): Code => [...pair, 0xfd, 0x21, index];
/** Four float32 made one: the first with the second, the third with the fourth, and those two. */
export const foldFour = (operation: "f32.add" | "f32.max", four: Code): Code => {
  const lane = (index: number) => [...four, 0xfd, 0x1f, index];
  return op(operation, op(operation, lane(0), lane(1)), op(operation, lane(2), lane(3)));
};
/** A store to `address` of the first four bytes of a vector. */
export const storeFirstFourBytes = (address: Code, value: Code): Code => [
  ...address,
  ...value,
  0xfd,
  0x5a,
  0,
  0,
  0,
];

export const advance = (pointer: number, bytes: number): Code =>
  set(pointer, op("i32.add", get(pointer), int(bytes)));
/** Four times the same float32. */
export const splat = (value: Code): Code => op("f32x4.splat", value);

const block: Code = [0x02, 0x40];
const loop: Code = [0x03, 0x40];
const end: Code = [0x0b];
/** Out of a block, or to the start of a loop: of the one so many levels out. */
const jumpTo = (level: number): Code => [0x0c, level];
const breakTo = (level: number): Code => [0x0d, level];

/** Repeats the body while the condition, an i32, is not 0; none of it may leave anything on the stack. */
export const loopWhile = (condition: Code, body: Code): Code => [
  ...block,
  ...loop,
  ...op("i32.eqz", condition),
  ...breakTo(1),
  ...body,
  ...jumpTo(0),
  ...end,
  ...end,
];

/** Runs the body, which leaves nothing on the stack, if the condition, an i32, is not 0. */
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, ...end];

/** Bytes of a module that exports the functions and imports its memory as env.memory. */
export function encodeWasm(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...list(parameters.map((type) => [valueTypes[type]])),
    ...list(result === undefined ? [] : [[valueTypes[result]]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, valueTypes[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...magicAndVersion,
    ...section(1, types),
    ...section(2, [[...text("env"), ...text("memory"), 0x02, 0x00, 1]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(10, bodies),
  ]);
}

const magicAndVersion: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const simd = (code: number): Code => [0xfd, ...unsigned(code)];

const opcodes = {
  "i32.eqz": [0x45],
  "i32.ctz": [0x68],
  "i32.lt_u": [0x49],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.and": [0x71],
  "i32.mul": [0x6c],
  "i32.shl": [0x74],
  "i32.shr_u": [0x76],
  "f32.add": [0x92],
  "f32.sub": [0x93],
  "f32.mul": [0x94],
  "f32.max": [0x97],
  "f64.add": [0xa0],
  "f64.sub": [0xa1],
  "f64.mul": [0xa2],
  "f64.promote_f32": [0xbb],
  "f32x4.splat": simd(0x13),
  "f64x2.splat": simd(0x14),
  "f32x4.eq": simd(0x41),
  "f32x4.ge": simd(0x46),
  "f64x2.promote_low_f32x4": simd(0x5f),
  "i8x16.narrow_i16x8_u": simd(0x66),
  "f32x4.trunc": simd(0x69),
  "i16x8.narrow_i32x4_u": simd(0x86),
  "i32x4.bitmask": simd(0xa4),
  "f32x4.sqrt": simd(0xe3),
  "f32x4.add": simd(0xe4),
  "f32x4.sub": simd(0xe5),
  "f32x4.mul": simd(0xe6),
  "f32x4.div": simd(0xe7),
  "f32x4.pmax": simd(0xeb),
  "f64x2.abs": simd(0xec),
  "f64x2.add": simd(0xf0),
  "f64x2.sub": simd(0xf1),
  "f64x2.mul": simd(0xf2),
  "f64x2.pmax": simd(0xf7),
  "i32x4.trunc_sat_f32x4_s": simd(0xf8),
  "f32x4.convert_i32x4_s": simd(0xfa),
} satisfies Record<string, Code>;

const memoryOpcodes = {
  "i32.store": [0x36],
  "f32.load": [0x2a],
  "f64.load": [0x2b],
  "f32.store": [0x38],
  "f64.store": [0x39],
  "v128.load": simd(0),
  "v128.store": simd(0x0b),
  /** Two float32 into the lower half. */
  "v128.load64_zero": simd(0x5d),
} satisfies Record<string, Code>;

function section(id: number, entries: readonly Code[]): Code {
  const content = list(entries);
  return [id, ...unsigned(content.length), ...content];
}

function list(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(name: string): Code {
  return list([...new TextEncoder().encode(name)].map((byte) => [byte]));
}

/** LEB128 */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value & 0x7f];
}
