/** p values adjusted for their number (Holm 1979): those below a level are, all together, false with at most that probability. */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((left, right) => pValues[left]! - pValues[right]! || left - right);
  const adjusted = Array.from(pValues, () => 1);
  let running = 0;
  order.forEach((i, rank) => {
    running = Math.max(running, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = running;
  });
  return adjusted;
}
