/** What is done with the scores of a row, in WebAssembly: see CodeKernels. */
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
  type WasmFunction,
  when,
} from "../core/wasm-code.ts";

/** best(sums, columns, fours) */
export function bestKernel(): WasmFunction {
  const [sums, columns, fours, start, end, highest, mask] = [0, 1, 2, 3, 4, 5, 6];
  const found = set(mask, op("i32x4.bitmask", op("f32x4.eq", scoresAt(sums, fours, 0), get(highest))));
  return {
    name: "best",
    parameters: ["i32", "i32", "i32"],
    result: "i32",
    locals: ["i32", "i32", "v128", "i32"],
    body: [
      ...set(start, get(sums)),
      ...set(end, op("i32.add", get(sums), op("i32.mul", get(columns), int(4)))),
      ...set(highest, lowest),
      ...eachFour(sums, fours, end, (four) =>
        set(highest, op("f32x4.pmax", get(highest), scoresAt(sums, fours, four))),
      ),
      ...set(highest, splat(foldFour("f32.max", get(highest)))),
      ...rewind(sums, fours, start, columns),
      ...found,
      // One of them is the highest: there is no need to look for the end.
      ...loopWhile(op("i32.eqz", get(mask)), [...advance(sums, 16), ...advance(fours, 64), ...found]),
      ...op("i32.add", indexAt(sums, start), op("i32.ctz", get(mask))),
    ],
  };
}

/** shortlist(sums, columns, fours, residual, length, slack, list): the end of the list */
export function shortlistKernel(): WasmFunction {
  const [sums, columns, fours, residual, length, slack, list] = [0, 1, 2, 3, 4, 5, 6];
  const [start, end, highest, residuals, lengths, mask] = [7, 8, 9, 10, 11, 12];
  const doubtsAt = (four: number) =>
    op(
      "f32x4.add",
      op("f32x4.mul", memory("v128.load", get(fours), 64 * four + 32), get(residuals)),
      op("f32x4.mul", memory("v128.load", get(fours), 64 * four + 48), get(lengths)),
    );
  return {
    name: "shortlist",
    parameters: ["i32", "i32", "i32", "f32", "f32", "f32", "i32"],
    result: "i32",
    locals: ["i32", "i32", "v128", "v128", "v128", "i32"],
    body: [
      ...set(start, get(sums)),
      ...set(end, op("i32.add", get(sums), op("i32.mul", get(columns), int(4)))),
      ...set(residuals, splat(get(residual))),
      ...set(lengths, splat(get(length))),
      ...set(highest, lowest),
      ...eachFour(sums, fours, end, (four) =>
        set(
          highest,
          op("f32x4.pmax", get(highest), op("f32x4.sub", scoresAt(sums, fours, four), doubtsAt(four))),
        ),
      ),
      ...set(highest, splat(op("f32.sub", foldFour("f32.max", get(highest)), get(slack)))),
      ...rewind(sums, fours, start, columns),
      ...eachFour(sums, fours, end, (four) => [
        ...set(
          mask,
          op(
            "i32x4.bitmask",
            op("f32x4.ge", op("f32x4.add", scoresAt(sums, fours, four), doubtsAt(four)), get(highest)),
          ),
        ),
        // Few fours have any.
        ...when(
          get(mask),
          [0, 1, 2, 3].flatMap((lane) => [
            ...memory("i32.store", get(list), 0, op("i32.add", indexAt(sums, start), int(4 * four + lane))),
            // Kept only if the list goes on behind it.
            ...set(
              list,
              op(
                "i32.add",
                get(list),
                op("i32.shl", op("i32.and", op("i32.shr_u", get(mask), int(lane)), int(1)), int(2)),
              ),
            ),
          ]),
        ),
      ]),
      ...get(list),
    ],
  };
}

/** A walk over the columns, four fours at a time: a loop's own cost is felt here. */
function eachFour(sums: number, fours: number, end: number, body: (four: number) => Code): Code {
  return loopWhile(op("i32.lt_u", get(sums), get(end)), [
    ...[0, 1, 2, 3].flatMap(body),
    ...advance(sums, 64),
    ...advance(fours, 256),
  ]);
}

/** Back from the end of the columns to where they start. */
function rewind(sums: number, fours: number, start: number, columns: number): Code {
  return [
    ...set(sums, get(start)),
    ...set(fours, op("i32.sub", get(fours), op("i32.mul", get(columns), int(16)))),
  ];
}

function indexAt(sums: number, start: number): Code {
  return op("i32.shr_u", op("i32.sub", get(sums), get(start)), int(2));
}

const lowest = splat(float(Number.NEGATIVE_INFINITY));

/** Scores of four centroids, the first or so many fours on. */
function scoresAt(sums: number, fours: number, four: number): Code {
  const products = op(
    "f32x4.mul",
    op("f32x4.convert_i32x4_s", memory("v128.load", get(sums), 16 * four)),
    memory("v128.load", get(fours), 64 * four),
  );
  return op("f32x4.add", products, memory("v128.load", get(fours), 64 * four + 16));
}
