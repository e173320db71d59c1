/** Damage as copies, disks and writers do it, for the tests of readers. */
import fc from "fast-check";

interface Change {
  readonly kind: "flip" | "cut" | "insert" | "repeat" | "end" | "zero";
  readonly at: number;
  readonly length: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("flip", "cut", "insert", "repeat", "end", "zero"),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.integer({ min: 1, max: 300 }),
});

/** One to three changes, from the first on. */
export const changes: fc.Arbitrary<Change[]> = fc.array(change, { minLength: 1, maxLength: 3 });

export function damage(bytes: Buffer, { kind, at, length }: Change): Buffer {
  const start = Math.floor(at * bytes.length);
  const before = bytes.subarray(0, start);
  const part = Buffer.from(bytes.subarray(start, start + length));
  const after = bytes.subarray(start + length);
  if (kind === "end") return before;
  if (kind === "cut") return Buffer.concat([before, after]);
  if (kind === "zero") return Buffer.concat([before, part.fill(0), after]);
  if (kind === "insert") return Buffer.concat([before, Buffer.alloc(length, "7\r\n"), part, after]);
  if (kind === "repeat") return Buffer.concat([before, part, part, after]);
  part[0] = (part[0] ?? 0) ^ (1 << (length % 8));
  return Buffer.concat([before, part, after]);
}
