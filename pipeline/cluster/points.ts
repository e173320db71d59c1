/** Vectors to cluster: row-major, rows * dim. */
export interface Points {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** Points in memory that every worker thread sees. */
export interface SharedPoints extends Points {
  readonly data: Float32Array<SharedArrayBuffer>;
}

/** The same points over shared memory: as they are if they lie there already, else a copy. */
export function sharePoints({ data, rows, dim }: Points): SharedPoints {
  if (data.length !== rows * dim) {
    throw new RangeError(`data has ${data.length} values, rows=${rows} * dim=${dim} is ${rows * dim}`);
  }
  if (data.buffer instanceof SharedArrayBuffer) {
    return { data: data as Float32Array<SharedArrayBuffer>, rows, dim };
  }
  const shared = sharedFloat32(data.length);
  shared.set(data);
  return { data: shared, rows, dim };
}

export function sharedFloat32(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

export function sharedFloat64(length: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

export function sharedUint32(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}

export function sharedInt32(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
