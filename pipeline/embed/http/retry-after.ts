/**
 * Milliseconds that a Retry-After header asks for, in seconds or as a date (RFC 9110, section 10.2.3).
 *
 * @returns undefined if there is no such header, or it cannot be read
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
