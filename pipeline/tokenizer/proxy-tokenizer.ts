/** What the proxies' text is encoded with. */
export interface ProxyTokenizer {
  /** Every id is below this. */
  readonly vocabularySize: number;
  /** The token that stands before every document. */
  readonly endOfDocument: number;
  /** Token ids of a text, without any special token: their names are text. */
  readonly encode: (text: string) => ArrayLike<number>;
}
