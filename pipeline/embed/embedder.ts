/** Texts in, unit vectors out. The vector of a text depends on that text alone, never on its neighbours. */
export interface Embedder {
  /** sha256 over everything that decides the vectors: the model's files and the settings. */
  readonly identity: string;
  readonly dimension: number;

  /**
   * @returns rows of length 1 in the order of `texts`, row-major, texts * dimension. A text in which the model
   *   finds nothing it knows gets the first axis, so that all such texts fall together and apart from others.
   * @param done is told how many more texts are finished, in parts of one too; what it throws ends the work
   * @throws InputError if the model gives something that is not a number
   */
  embed(texts: readonly string[], done?: (texts: number) => void): Promise<Float32Array>;

  close(): Promise<void>;
}
