import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelShape } from "../../../../pipeline/proxy/transformer/model.ts";
import { packageRoot } from "../../../../stages/parts/tool-version.ts";

/** What record_pytorch.py recorded of one model. */
export interface Recorded extends ModelShape {
  readonly batch: number;
  readonly parameters: number;
  /** In the order of the flat vector. */
  readonly gradients: readonly number[];
  /** Of ten AdamW steps on the same batch: loss before each, and the gradient's norm before clipping. */
  readonly losses: readonly number[];
  readonly norms: readonly number[];
}

const path = join(packageRoot, "test", "unit", "proxy", "transformer", "pytorch.json");

export const recorded = JSON.parse(await readFile(path, "utf8")) as Recorded[];

const text = "to be or not to be, that is the question".split("");
const letters = [...new Set(text)].sort();
export const textTokens: readonly number[] = text.map((letter) => letters.indexOf(letter));

/** The parameters it was recorded with. */
export function recordedTheta({ parameters }: Recorded): Float32Array {
  return Float32Array.from({ length: parameters }, (_, index) => 0.3 * Math.sin(1 + 0.37 * index ** 2));
}
