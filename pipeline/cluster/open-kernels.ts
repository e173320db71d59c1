import { type KernelShape, PlainKernels, type RowKernels } from "./row-kernels.ts";
import { fitsMemory, kernelCode, SimdKernels } from "./simd-kernels.ts";

/** Compiled once, for all threads. */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(kernelCode());
}

/** The quick ones with a compiled module and where 4 GiB are enough for them, else the plain ones: the same bits. */
export function openKernels(module: WebAssembly.Module | undefined, shape: KernelShape): RowKernels {
  return module !== undefined && fitsMemory(shape) ? new SimdKernels(module, shape) : new PlainKernels(shape);
}
