/** Order of two strings by their UTF-8 bytes: the same on every machine, whatever its locale. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
