import {
  advance,
  type Code,
  foldFour,
  get,
  int,
  loopWhile,
  memory,
  op,
  set,
  type WasmFunction,
} from "../core/wasm-code.ts";

/** roughDistance(row, other, dim): see RowKernels. */
export function roughDistanceKernel(): WasmFunction {
  const [row, other, dim, endOfSixteens, end, sum, single, fours] = [0, 1, 2, 3, 4, 5, 6, 7];
  const parts = [8, 9, 10, 11];
  const after = (values: Code) => op("i32.add", get(row), op("i32.mul", values, int(4)));
  const square = (part: number, i: number) => [
    ...set(
      fours,
      op("f32x4.sub", memory("v128.load", get(row), 16 * i), memory("v128.load", get(other), 16 * i)),
    ),
    ...set(part, op("f32x4.add", get(part), op("f32x4.mul", get(fours), get(fours)))),
  ];
  const [a, b, c, d] = parts.map((part) => get(part));
  return {
    name: "roughDistance",
    parameters: ["i32", "i32", "i32"],
    result: "f32",
    locals: ["i32", "i32", "f32", "f32", "v128", "v128", "v128", "v128", "v128"],
    body: [
      ...set(endOfSixteens, after(op("i32.and", get(dim), int(-16)))),
      ...set(end, after(get(dim))),
      ...loopWhile(op("i32.lt_u", get(row), get(endOfSixteens)), [
        ...parts.flatMap(square),
        ...advance(row, 64),
        ...advance(other, 64),
      ]),
      ...set(fours, op("f32x4.add", op("f32x4.add", a!, b!), op("f32x4.add", c!, d!))),
      ...set(sum, foldFour("f32.add", get(fours))),
      ...loopWhile(op("i32.lt_u", get(row), get(end)), [
        ...set(single, op("f32.sub", memory("f32.load", get(row), 0), memory("f32.load", get(other), 0))),
        ...set(sum, op("f32.add", get(sum), op("f32.mul", get(single), get(single)))),
        ...advance(row, 4),
        ...advance(other, 4),
      ]),
      ...get(sum),
    ],
  };
}
