/**
 * A graph of ONNX operators under construction. Every value has a static shape, known when it is made, so that
 * gradients can be built by the same code and mistakes show before onnxruntime sees the model.
 */
import { type Attributes, encodeModel, initializer, node, value } from "../core/onnx-model.ts";
import { Tape } from "./tape.ts";

/** One tensor of a graph. */
export interface Value {
  readonly graph: Graph;
  /** Unique in the graph. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: "float32" | "int64";
}

interface Operation {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** Opset 17 (ONNX 1.12) is the last in which all the reductions used take their axes as attributes. */
const versions = { opset: 17, irVersion: 8 };

export class Graph {
  /** What gradients are derived from. */
  readonly tape = new Tape();
  readonly #inputs: Value[] = [];
  readonly #operations: Operation[] = [];
  readonly #constants = new Map<Value, Float32Array | BigInt64Array>();
  readonly #constantsByContent = new Map<string, Value>();
  #names = 0;

  /** A tensor fed at every run. */
  input(name: string, shape: readonly number[], type: Value["type"] = "float32"): Value {
    const fed: Value = { graph: this, name, shape, type };
    this.#inputs.push(fed);
    return fed;
  }

  /** A tensor stored in the model; equal ones are stored once. */
  constant(shape: readonly number[], data: readonly number[], type: Value["type"] = "float32"): Value {
    const content = `${type} [${shape.join()}] ${data.join()}`;
    const known = this.#constantsByContent.get(content);
    if (known !== undefined) return known;
    const stored = this.#value("constant", shape, type);
    checkSize(stored, data.length);
    this.#constants.set(
      stored,
      type === "float32" ? Float32Array.from(data) : BigInt64Array.from(data, (x) => BigInt(x)),
    );
    this.#constantsByContent.set(content, stored);
    return stored;
  }

  /** A scalar stored in the model. */
  scalar(number: number): Value {
    return this.constant([], [number]);
  }

  /**
   * Add an operator with one output.
   *
   * @param domain "com.microsoft" for onnxruntime's own operators
   */
  apply(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes: Attributes = {},
    domain = "",
  ): Value {
    return this.applyMany(op, inputs, [shape], attributes, domain)[0]!;
  }

  /** Add an operator with several float outputs. */
  applyMany(
    op: string,
    inputs: readonly Value[],
    shapes: readonly (readonly number[])[],
    attributes: Attributes = {},
    domain = "",
  ): Value[] {
    const stranger = inputs.find(({ graph }) => graph !== this);
    if (stranger !== undefined) throw new RangeError(`${op}: ${stranger.name} is of another graph`);
    const outputs = shapes.map((shape) => this.#value(op, shape, "float32"));
    this.#operations.push({ op, domain, inputs, outputs, attributes });
    return outputs;
  }

  /**
   * The .onnx file that computes these outputs, without the operators none of them needs. Older onnxruntimes reuse the
   * memory of outputs nobody reads too early and then compute wrong numbers
   * (microsoft/onnxruntime pull request 21019), so outputs that are never read are left unnamed too.
   */
  encode(name: string, outputs: Readonly<Record<string, Value>>): Uint8Array {
    const { operations, used } = this.#needed(Object.values(outputs));
    const names = new Map<Value, string>();
    const copies: ReturnType<typeof node>[] = [];
    const made = new Set(operations.flatMap((operation) => operation.outputs));
    for (const [outputName, output] of Object.entries(outputs)) {
      if (made.has(output) && !names.has(output)) names.set(output, outputName);
      else copies.push(node("Identity", [names.get(output) ?? output.name], outputName));
    }
    const nameOf = (of: Value) => names.get(of) ?? of.name;
    const encoded = {
      name,
      inputs: this.#inputs.map(({ name, type, shape }) => value(name, type, shape)),
      outputs: Object.entries(outputs).map(([name, { type, shape }]) => value(name, type, shape)),
      constants: [...this.#constants]
        .filter(([stored]) => used.has(stored))
        .map(([{ name, shape }, data]) => initializer(name, shape, data)),
      nodes: [
        ...operations.map(({ op, inputs, outputs, attributes, domain }) => {
          const read = outputs.map((output) => (used.has(output) ? nameOf(output) : ""));
          return node(
            op,
            inputs.map(nameOf),
            read.slice(0, read.findLastIndex(Boolean) + 1),
            attributes,
            domain,
          );
        }),
        ...copies,
      ],
    };
    return encodeModel(encoded, versions);
  }

  /** The operators the outputs depend on, in the order they were added, which is topological. */
  #needed(outputs: readonly Value[]): { operations: Operation[]; used: Set<Value> } {
    const used = new Set(outputs);
    const operations: Operation[] = [];
    for (const operation of this.#operations.toReversed()) {
      if (!operation.outputs.some((output) => used.has(output))) continue;
      operations.push(operation);
      for (const input of operation.inputs) used.add(input);
    }
    return { operations: operations.toReversed(), used };
  }

  #value(kind: string, shape: readonly number[], type: Value["type"]): Value {
    return { graph: this, name: `${kind}.${this.#names++}`, shape, type };
  }
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function checkSize({ name, shape }: Value, length: number): void {
  if (sizeOf(shape) !== length) {
    throw new RangeError(`${name}: shape [${shape.join(", ")}] does not hold ${length} values`);
  }
}
