/** Documents cannot be cut, but they can be exchanged: a drawn one for another that is longer by what is missing. */

/** Documents on either side that are looked at, the first in the shuffled order: 65,000 exchanges, two billion pairs of them. */
const mostCandidates = 256;

/** A document in, and one out or none. `gain` is how many tokens that adds. */
interface Exchange {
  readonly add: number;
  readonly drop: number | undefined;
  readonly gain: number;
}

/**
 * Which rows to add to the drawn ones, and which to drop, so that as nearly as can be `missing` more tokens are drawn: by
 * nothing, one exchange or two. Depends on the order of the rows given, and on nothing else.
 *
 * @param taken rows that are drawn, in a random order; `left` those that are not
 */
export function fitWhole(
  taken: readonly number[],
  left: readonly number[],
  rowTokens: Uint32Array,
  missing: number,
): { add: number[]; drop: number[] } {
  const drops = [undefined, ...taken.slice(0, mostCandidates)];
  const exchanges = left.slice(0, mostCandidates).flatMap((add) =>
    drops.map((drop): Exchange => {
      const tokens = drop === undefined ? 0 : rowTokens[drop]!;
      return { add, drop, gain: rowTokens[add]! - tokens };
    }),
  );
  const off = (choice: readonly Exchange[]): number =>
    Math.abs(missing - choice.reduce((sum, { gain }) => sum + gain, 0));
  let best: readonly Exchange[] = [];
  for (const exchange of exchanges) if (off([exchange]) < off(best)) best = [exchange];
  if (off(best) > 0) {
    const pair = nearestPair(exchanges, missing);
    if (off(pair) < off(best)) best = pair;
  }
  return {
    add: best.map(({ add }) => add),
    drop: best.flatMap(({ drop }) => drop ?? []),
  };
}

/** The two exchanges of different documents whose gains add up to the nearest of `missing`; none if there are no two. */
function nearestPair(exchanges: readonly Exchange[], missing: number): readonly Exchange[] {
  const byGain = exchanges.toSorted((left, right) => left.gain - right.gain);
  let best: readonly Exchange[] = [];
  let nearest = Number.POSITIVE_INFINITY;
  let low = 0;
  let high = byGain.length - 1;
  // From both ends towards each other: what is passed by is further off than what has been seen.
  while (low < high) {
    const [one, other] = [byGain[low]!, byGain[high]!];
    const difference = one.gain + other.gain - missing;
    if (Math.abs(difference) < nearest && areApart(one, other)) {
      nearest = Math.abs(difference);
      best = [one, other];
    }
    if (nearest === 0) break;
    if (difference < 0) low++;
    else high--;
  }
  return best;
}

function areApart(one: Exchange, other: Exchange): boolean {
  return one.add !== other.add && (one.drop === undefined || one.drop !== other.drop);
}
