/**
 * Symmetric positive definite systems by Cholesky's factor L (A = L L'), row-major in flat arrays. Every loop is a dot
 * product of stretches of rows, which is what a JIT compiler turns into its fastest code.
 */

/**
 * Overwrites the lower triangle of `matrix` (size * size) with L; the upper triangle is neither read nor written.
 *
 * @returns false if the matrix is not positive definite (the triangle is then half done)
 */
export function factorise(matrix: Float64Array, size: number): boolean {
  const dots = new Float64Array(4);
  for (let j = 0; j < size; j++) {
    const row = j * size;
    const square = matrix[row + j]! - dotAt(matrix, row, matrix, row, j);
    // Written so that NaN counts as a bad pivot.
    if (!(square > 0)) return false;
    const pivot = Math.sqrt(square);
    matrix[row + j] = pivot;
    for (let i = j + 1; i < size; i += 4) {
      const count = Math.min(4, size - i);
      dotRows(matrix, row, matrix, i * size, size, count, j, dots);
      for (let k = 0; k < count; k++) {
        const at = (i + k) * size + j;
        matrix[at] = (matrix[at]! - dots[k]!) / pivot;
      }
    }
  }
  return true;
}

/** log |A| from its factor. */
export function logDeterminant(factor: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.log(factor[i * size + i]!);
  return 2 * sum;
}

/** Overwrites `values` with L^-1 values. */
export function solveLower(factor: Float64Array, size: number, values: Float64Array): Float64Array {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    values[i] = (values[i]! - dotAt(factor, row, values, 0, i)) / factor[row + i]!;
  }
  return values;
}

/** The same for each of `count` rows of `values` (count * size): four at a time share what is read of the factor. */
export function solveLowerRows(
  factor: Float64Array,
  size: number,
  values: Float64Array,
  count: number,
): Float64Array {
  const dots = new Float64Array(4);
  for (let first = 0; first < count; first += 4) {
    const width = Math.min(4, count - first);
    for (let i = 0; i < size; i++) {
      const row = i * size;
      dotRows(factor, row, values, first * size, size, width, i, dots);
      for (let k = 0; k < width; k++) {
        const at = (first + k) * size + i;
        values[at] = (values[at]! - dots[k]!) / factor[row + i]!;
      }
    }
  }
  return values;
}

/** Overwrites `values` with A^-1 values. */
export function solveFactorised(factor: Float64Array, size: number, values: Float64Array): Float64Array {
  solveLower(factor, size, values);
  for (let i = size - 1; i >= 0; i--) {
    const row = i * size;
    const solved = (values[i]! /= factor[row + i]!);
    for (let j = 0; j < i; j++) values[j]! -= factor[row + j]! * solved;
  }
  return values;
}

/**
 * The lower triangle of A^-1 into `inverse`, from the factor of A.
 *
 * @param scratch size * size, overwritten with L^-T
 */
export function invertFactorised(
  factor: Float64Array,
  size: number,
  inverse: Float64Array,
  scratch: Float64Array,
): void {
  const dots = new Float64Array(4);
  // Row j of `scratch` is column j of L^-1, which is 0 before j and solves L x = e_j from there.
  scratch.fill(0);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j < i; j += 4) {
      const count = Math.min(4, i - j);
      dotRows(factor, row + j, scratch, j * size + j, size, count, i - j, dots);
      for (let k = 0; k < count; k++) scratch[(j + k) * size + i] = -dots[k]! / factor[row + i]!;
    }
    scratch[row + i] = 1 / factor[row + i]!;
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j += 4) {
      const count = Math.min(4, i + 1 - j);
      dotRows(scratch, i * size + i, scratch, j * size + i, size, count, size - i, dots);
      for (let k = 0; k < count; k++) inverse[i * size + j + k] = dots[k]!;
    }
  }
}

/** Dot product of `length` values of `left` from `i` with those of `right` from `j`, in four interleaved sums. */
export function dotAt(left: Float64Array, i: number, right: Float64Array, j: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = 0;
  for (; k + 4 <= length; k += 4) {
    a += left[i + k]! * right[j + k]!;
    b += left[i + k + 1]! * right[j + k + 1]!;
    c += left[i + k + 2]! * right[j + k + 2]!;
    d += left[i + k + 3]! * right[j + k + 3]!;
  }
  for (; k < length; k++) a += left[i + k]! * right[j + k]!;
  return a + b + (c + d);
}

/**
 * Dot products of one stretch of `vector` with `count` <= 4 stretches of `matrix`, `stride` apart: each value of the vector
 * is loaded once for all four.
 */
export function dotRows(
  vector: Float64Array,
  at: number,
  matrix: Float64Array,
  first: number,
  stride: number,
  count: number,
  length: number,
  dots: Float64Array,
): void {
  if (count < 4) {
    for (let k = 0; k < count; k++) dots[k] = dotAt(vector, at, matrix, first + k * stride, length);
    return;
  }
  const second = first + stride;
  const third = second + stride;
  const fourth = third + stride;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < length; k++) {
    const value = vector[at + k]!;
    a += value * matrix[first + k]!;
    b += value * matrix[second + k]!;
    c += value * matrix[third + k]!;
    d += value * matrix[fourth + k]!;
  }
  dots[0] = a;
  dots[1] = b;
  dots[2] = c;
  dots[3] = d;
}
