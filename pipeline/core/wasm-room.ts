/** A memory of WebAssembly that arrays are laid out in, one after another, and the functions that work on them. */
export class WasmRoom {
  readonly code: Record<string, (...values: number[]) => number>;
  readonly #memory: WebAssembly.Memory;
  #used = 0;

  constructor(module: WebAssembly.Module, bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
    this.code = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports;
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#take(length * 4), length);
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, this.#take(length * 8), length);
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, this.#take(length * 4), length);
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#take(length * 4), length);
  }

  uint8(length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#take(length), length);
  }

  /** Where so many bytes begin. */
  #take(bytes: number): number {
    const at = this.#used;
    this.#used += aligned(bytes);
    return at;
  }
}

const pageBytes = 65_536;
const largestBytes = 2 ** 32 - pageBytes;

/** Bytes of arrays of these sizes, one after another. */
export function roomFor(...sizes: readonly number[]): number {
  return sizes.reduce((sum, bytes) => sum + aligned(bytes), 0);
}

/** Whether a memory of WebAssembly, of 4 GiB at most, is large enough. */
export function fitsRoom(bytes: number): boolean {
  return bytes <= largestBytes;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
