import { type CodeKernels, type CodeShape, PlainCodeKernels } from "./code-kernels.ts";
import { type KernelShape, PlainKernels, type RowKernels } from "./row-kernels.ts";
import { codeKernelCode, codesFitMemory, SimdCodeKernels } from "./simd-code-kernels.ts";
import { fitsMemory, rowKernelCode, SimdKernels } from "./simd-kernels.ts";
import { encodeWasm } from "../core/wasm-code.ts";

/** Compiled once, for all threads. */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(encodeWasm([...rowKernelCode(), ...codeKernelCode()]));
}

/** The quick ones with a compiled module and where 4 GiB are enough for them, else the plain ones: the same bits. */
export function openKernels(module: WebAssembly.Module | undefined, shape: KernelShape): RowKernels {
  return module !== undefined && fitsMemory(shape) ? new SimdKernels(module, shape) : new PlainKernels(shape);
}

/** Likewise. */
export function openCodeKernels(module: WebAssembly.Module | undefined, shape: CodeShape): CodeKernels {
  return module !== undefined && codesFitMemory(shape)
    ? new SimdCodeKernels(module, shape)
    : new PlainCodeKernels(shape);
}
