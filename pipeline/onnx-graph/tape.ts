/**
 * Reverse-mode differentiation. Every differentiable function records how a gradient of its output becomes gradients
 * of its inputs; walking the records backwards from the loss adds, operator by operator, the graph of the gradients.
 */
import type { Value } from "./graph.ts";

/**
 * Adds one gradient to what other uses of the same value have already contributed (undefined for the first). Usually
 * that is an Add; a matrix product or a scatter can add onto the sum so far for less.
 */
export type Contribution = (soFar: Value | undefined) => Value;

interface Entry {
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** One contribution for each input; called only for inputs whose gradient is asked for. */
  readonly pull: (gradient: Value) => readonly Contribution[];
}

export class Tape {
  readonly #entries: Entry[] = [];

  /** Record a differentiable function of `inputs`; returns its output, for chaining. */
  record(output: Value, inputs: readonly Value[], pull: Entry["pull"]): Value {
    this.#entries.push({ inputs, output, pull });
    return output;
  }

  /**
   * Gradients of a scalar: for each of `parameters` a value of its shape.
   *
   * @throws RangeError if loss is not a scalar, or does not depend on one of the parameters
   */
  gradients(loss: Value, parameters: readonly Value[]): Value[] {
    if (loss.shape.length > 0)
      throw new RangeError(`loss has shape [${loss.shape.join(", ")}], should be []`);
    // Gradients are built with functions that record themselves too: walk only what was there before.
    const forwards = [...this.#entries];
    const dependent = new Set(parameters);
    for (const { inputs, output } of forwards) {
      if (inputs.some((input) => dependent.has(input))) dependent.add(output);
    }
    const gradients = new Map<Value, Value>([[loss, loss.graph.scalar(1)]]);
    for (const { inputs, output, pull } of forwards.toReversed()) {
      const gradient = gradients.get(output);
      if (gradient === undefined || !dependent.has(output)) continue;
      const contributions = pull(gradient);
      inputs.forEach((input, index) => {
        if (!dependent.has(input)) return;
        const sum = contributions[index]!(gradients.get(input));
        if (sum.shape.join() !== input.shape.join()) {
          throw new RangeError(`gradient [${sum.shape.join()}] of ${input.name} [${input.shape.join()}]`);
        }
        gradients.set(input, sum);
      });
    }
    return parameters.map((parameter) => {
      const gradient = gradients.get(parameter);
      if (gradient === undefined) throw new RangeError(`${loss.name} does not depend on ${parameter.name}`);
      return gradient;
    });
  }
}
