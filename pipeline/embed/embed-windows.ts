import { joinWindows } from "./join-windows.ts";

/** A text's tokens as the model is given them: all of them, or one of several pieces. */
export type Window = readonly number[] | Int32Array;

export interface WindowModel {
  /** embed.model, for errors. */
  readonly name: string;
  /** Dimension of its vectors. */
  readonly dimension: number;
  /** What the model sees of a text; none if it finds nothing it knows. */
  windows(text: string): readonly Window[];
  /** The vector of one window. Alone in its call: a text's vector must not depend on its neighbours. */
  forward(window: Window): Promise<Float32Array>;
}

/**
 * Unit vectors of texts, texts * dimension. A text of several windows gets the mean of their unit vectors, weighted by
 * their tokens.
 *
 * @param done is told, after each window, what part of its text it was; what it throws ends the work
 * @throws InputError if the model gives something that is not a number
 */
export async function embedWindows(
  model: WindowModel,
  texts: readonly string[],
  done: (texts: number) => void = () => {},
): Promise<Float32Array> {
  const { dimension } = model;
  const windows = texts.map((text) => model.windows(text));
  const vectors = windows.map((of) => new Float32Array(of.length * dimension));
  for (const [row, of] of windows.entries()) {
    for (const [place, window] of of.entries()) {
      vectors[row]!.set(await model.forward(window), place * dimension);
      done(1 / of.length);
    }
  }
  return joinWindows(texts, windows, vectors, dimension, model.name);
}
