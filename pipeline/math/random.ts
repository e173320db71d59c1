/**
 * Seeded randomness with named streams. Every consumer forks its own stream by name
 * (`random.fork("search/pool/2")`), so adding a consumer never shifts the numbers of another.
 *
 * Generator: xoshiro128** 1.1 (Blackman & Vigna 2018), 128 bits of state, 32 bits a draw.
 */
export class Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spareNormal: number | undefined;

  constructor(seed: number | string) {
    this.#seed = String(seed);
    [this.#a, this.#b, this.#c, this.#d] = hashToState(this.#seed);
  }

  /** A generator in an explicit state; for reference tests of the generator itself. */
  static fromState(a: number, b: number, c: number, d: number): Random {
    const random = new Random("state");
    random.#a = a >>> 0;
    random.#b = b >>> 0;
    random.#c = c >>> 0;
    random.#d = d >>> 0;
    return random;
  }

  /** An independent stream that depends only on this stream's seed and `name`, not on what was drawn. */
  fork(name: string | number): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform integer in [0, bound), without modulo bias for bounds up to 2^32. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal, by the polar method. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const squared = x * x + y * y;
      if (squared > 0 && squared < 1) {
        const scale = Math.sqrt((-2 * Math.log(squared)) / squared);
        this.#spareNormal = y * scale;
        return x * scale;
      }
    }
  }

  /**
   * log of a Gamma(shape, 1) draw (Marsaglia & Tsang 2000). In logs because a small shape gives draws
   * below the smallest double, and a Dirichlet needs only their ratios.
   */
  logGamma(shape: number): number {
    if (shape < 1) return this.logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      const u = 1 - this.uniform();
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }

  /** `count` distinct integers of [0, bound) in random order. */
  sampleWithoutReplacement(bound: number, count: number): number[] {
    if (count > bound) throw new RangeError(`count=${count} should be <= bound=${bound}`);
    // A sparse Fisher-Yates: only displaced positions are stored.
    const displaced = new Map<number, number>();
    const picked: number[] = [];
    for (let i = 0; i < count; i++) {
      const j = i + this.below(bound - i);
      picked.push(displaced.get(j) ?? j);
      displaced.set(j, displaced.get(i) ?? i);
    }
    return picked;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Four 32-bit words from a string: one multiply-rotate lane per word, then a cross-mix. */
function hashToState(text: string): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];
  const multipliers = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = rotateLeft(Math.imul(lanes[lane]! ^ unit, multipliers[lane]!), 11 + lane);
    }
  }
  for (let round = 0; round < 8; round++) {
    const lane = round % 4;
    let mixed = lanes[lane]! ^ rotateLeft(lanes[(lane + 1) % 4]!, 13) ^ text.length;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
    lanes[lane] = mixed ^ (mixed >>> 16);
  }
  // All-zero is the one state xoshiro cannot leave.
  if (lanes.every((lane) => lane === 0)) lanes[0] = 1;
  return [lanes[0] >>> 0, lanes[1] >>> 0, lanes[2] >>> 0, lanes[3] >>> 0];
}
