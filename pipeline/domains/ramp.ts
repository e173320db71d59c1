/** 1 at `full` and beyond it, 0 at `none` and beyond it, linear between; `none` may be the larger or the smaller. */
export function ramp(value: number, full: number, none: number): number {
  const credit = (value - none) / (full - none);
  return credit < 0 ? 0 : credit > 1 ? 1 : credit;
}
