/** Vectors to cluster: row-major, rows * dim. */
export interface Points {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** Part of a table of float32 vectors: rows * dim values from `dataStart` on in the file. */
export interface PointFile {
  readonly path: string;
  readonly rows: number;
  readonly dataStart: number;
}

/**
 * Where vectors are read from, by any thread: memory that all threads see, or files one after another.
 * `picked` names the rows that count, ascending; without it, all do.
 */
export type PointSource = {
  /** Rows that count. */
  readonly rows: number;
  readonly dim: number;
  readonly picked?: Uint32Array<SharedArrayBuffer>;
} & ({ readonly data: Float32Array<SharedArrayBuffer> } | { readonly files: readonly PointFile[] });

/** The points as a source: over shared memory as they are if they lie there already, else over a copy. */
export function sharePoints(points: Points | PointSource): PointSource {
  if ("files" in points || "picked" in points) return points;
  const { data, rows, dim } = points;
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

/** The source that holds only these of its rows (ascending). */
export function pickRows(source: PointSource, rows: ArrayLike<number>): PointSource {
  const picked = sharedUint32(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = source.picked?.[rows[i]!] ?? rows[i]!;
  return { ...source, rows: picked.length, picked };
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

export function sharedInt8(length: number): Int8Array<SharedArrayBuffer> {
  return new Int8Array(new SharedArrayBuffer(length));
}
