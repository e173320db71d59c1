/** Ids below this are control symbols, which no text is made of; id 0 stands for characters outside the vocabulary. */
const firstPiece = 6;
const unknownId = 0;
/** SentencePiece's mark of a space, and of the start of a text. */
const space = "\u2581";

interface Branch {
  readonly next: Map<number, Branch>;
  id: number;
}

/**
 * The SentencePiece unigram tokenizer of Universal Sentence Encoder: a text is cut into the pieces whose log
 * probabilities have the largest sum. Ids equal those of the authors' JavaScript, whose choices these are: an
 * unknown character scores 0, which is better than any piece; of equal sums the shorter last piece wins; a run of
 * unknown characters is one token.
 */
export class PieceTokenizer {
  readonly #root: Branch = { next: new Map(), id: -1 };
  readonly #scores: Float64Array;
  readonly longestPiece: number;

  /** @param vocabulary pieces by id with their log probabilities */
  constructor(vocabulary: readonly { readonly piece: string; readonly score: number }[]) {
    this.#scores = Float64Array.from(vocabulary, ({ score }) => score);
    let longest = 0;
    for (const [id, { piece }] of vocabulary.entries()) {
      if (id < firstPiece) continue;
      longest = Math.max(longest, piece.length);
      let branch = this.#root;
      for (let i = 0; i < piece.length; i++) {
        const unit = piece.charCodeAt(i);
        let next = branch.next.get(unit);
        if (next === undefined) branch.next.set(unit, (next = { next: new Map(), id: -1 }));
        branch = next;
      }
      branch.id = id;
    }
    this.longestPiece = longest;
  }

  /** Ids of all pieces of a text; none for the empty text. */
  encode(text: string): Int32Array {
    const normal = text.normalize("NFKC");
    return normal === "" ? new Int32Array(0) : this.#bestPath(space + normal.replaceAll(" ", space));
  }

  /** Viterbi's algorithm over UTF-16 units: no piece has a character beyond the basic plane. */
  #bestPath(marked: string): Int32Array {
    const units = marked.length;
    const best = new Float64Array(units + 1);
    /** Of the best path's last piece up to each place. */
    const lastId = new Int32Array(units + 1);
    const lastLength = new Int32Array(units + 1);
    for (let start = 0; start < units; start++) {
      let branch: Branch | undefined = this.#root;
      let isKnown = false;
      for (let end = start + 1; end <= units; end++) {
        branch = branch.next.get(marked.charCodeAt(end - 1));
        if (branch === undefined) break;
        if (branch.id < 0) continue;
        isKnown = true;
        this.#offer(best, lastId, lastLength, start, end, branch.id);
      }
      if (!isKnown) this.#offer(best, lastId, lastLength, start, start + 1, unknownId);
    }
    const ids: number[] = [];
    for (let end = units; end > 0; end -= lastLength[end]!) {
      const id = lastId[end]!;
      if (id !== unknownId || ids.at(-1) !== unknownId) ids.push(id);
    }
    return Int32Array.from(ids.toReversed());
  }

  #offer(
    best: Float64Array,
    lastId: Int32Array,
    lastLength: Int32Array,
    start: number,
    end: number,
    id: number,
  ): void {
    const score = best[start]! + this.#scores[id]!;
    // A sum of exactly 0 counts as none, as it does in the authors' code.
    if (best[end] !== 0 && score < best[end]!) return;
    best[end] = score;
    lastId[end] = id;
    lastLength[end] = end - start;
  }
}
