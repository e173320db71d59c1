import { joinWindows } from "./join-windows.ts";

/** A text's tokens as the model is given them: all of them, or one of several pieces. */
export type Window = readonly number[] | Int32Array;

export interface WindowModel {
  /** embed.model, for errors. */
  readonly name: string;
  /** Dimension of its rows. */
  readonly dimension: number;
  /** What the model sees of a text; none if it finds nothing it knows. */
  windows(text: string): readonly Window[];
  /** A vector for each of some windows of equal length, row-major, windows * dimension. */
  forward(windows: readonly Window[]): Promise<Float32Array>;
}

/**
 * Unit vectors of texts, texts * dimension: windows of equal length go through the model together, up to
 * `batchTokens` tokens. Lengths are never mixed: padding costs more than a batch gains, and a text's vector must not
 * depend on its neighbours. A text of several windows gets the mean of their unit vectors, weighted by their tokens.
 *
 * @param done is told how many texts' worth of windows each batch was; what it throws ends the work
 * @throws InputError if the model gives something that is not a number
 */
export async function embedWindows(
  model: WindowModel,
  texts: readonly string[],
  batchTokens: number,
  done: (texts: number) => void = () => {},
): Promise<Float32Array> {
  const { dimension } = model;
  const windows = texts.map((text) => model.windows(text));
  const places = windows.flatMap((of, row) => of.map((_, place) => ({ row, place })));
  const tokensOf = ({ row, place }: (typeof places)[number]) => windows[row]![place]!.length;
  // Stable: of one length, in the order of the texts.
  places.sort((left, right) => tokensOf(left) - tokensOf(right));

  const vectors = windows.map((of) => new Float32Array(of.length * dimension));
  for (let from = 0; from < places.length;) {
    const tokens = tokensOf(places[from]!);
    let to = from + 1;
    while (to < places.length && tokensOf(places[to]!) === tokens && (to + 1 - from) * tokens <= batchTokens)
      to++;
    const batch = places.slice(from, to);
    const rows = await model.forward(batch.map(({ row, place }) => windows[row]![place]!));
    let share = 0;
    for (const [i, { row, place }] of batch.entries()) {
      vectors[row]!.set(rows.subarray(i * dimension, (i + 1) * dimension), place * dimension);
      share += 1 / windows[row]!.length;
    }
    done(share);
    from = to;
  }

  return joinWindows(texts, windows, vectors, dimension, model.name);
}
