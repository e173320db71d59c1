/** Numbers as the report shows them; no locale is asked, so the page is the same everywhere. */

/** "2.1535": losses and objectives. */
export function bits(value: number): string {
  return value.toFixed(4);
}

/** "−0.0312", "+0.0094", "0.0000": with a real minus, for differences. */
export function signed(value: number, decimals = 4): string {
  const size = Math.abs(value).toFixed(decimals);
  if (Number(size) === 0) return size;
  return `${value < 0 ? "\u2212" : "+"}${size}`;
}

/** "1,150,000". */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** "1.15 M", "94.2 k", "812". */
export function compact(value: number): string {
  for (const [size, unit] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(value));
}

/** "23.0 %", "4.86 %", "0 %": of a share in 0..1. */
export function percent(share: number): string {
  if (share === 0) return "0 %";
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
}

/** "1 trial", "16 trials". */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** At most so many characters, cut at the end. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
