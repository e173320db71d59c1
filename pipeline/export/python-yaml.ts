/**
 * YAML as PyYAML's safe_load reads it, which is YAML 1.1 with rules of its own: 1e-7 is text (a float needs a point, and
 * its exponent a sign), 010 is 8, 1:30 is 90, and "no" is false.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar } from "yaml";
import { InputError } from "../core/errors.ts";

const decimalNumber = /^[-+]?(0|[1-9]\d*)(\.\d*([eE][-+]\d+)?)?$/;
const boolean = /^(yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const truth = /^(yes|true|on)$/i;
const nothing = /^(~|null|Null|NULL|)$/;
/** Read as numbers or dates by PyYAML, though never meant so by an exporter: each would be a surprise. */
const surprises = [
  /^[-+]?(0[0-7_]+|0b[01_]+|0x[\da-fA-F_]+)$/,
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/,
  /^[-+]?[1-9][\d_]*_[\d_]*(\.[\d_]*)?$/,
  /^(\.\d[\d_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/,
  /^\d{4}-\d\d-\d\d$/,
  /^\d{4}-\d\d?-\d\d?([Tt]|[ \t]+)\d\d?:\d\d:\d\d/,
];
/** What looks like a number, and is one in JavaScript. */
const number = /^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$/;

/** @throws InputError where the file is no YAML, or a scalar means something else to PyYAML than it looks like */
export function parsePythonYaml(text: string, path: string): unknown {
  // "failsafe" leaves every scalar as it is written. Two equal keys are an error, while PyYAML drops the first.
  const document = parseDocument(text, { schema: "failsafe", version: "1.1", merge: false });
  const [problem] = document.errors;
  if (problem !== undefined) throw new InputError(`${path}: ${problem.message}`);
  return valueOf(document.contents, path);
}

function valueOf(node: unknown, path: string): unknown {
  if (node === null) return null;
  if (isAlias(node)) throw new InputError(`${path}: climb writes no aliases`);
  if (isMap(node)) {
    return Object.fromEntries(node.items.map(({ key, value }) => [keyOf(key, path), valueOf(value, path)]));
  }
  if (isSeq(node)) return node.items.map((item) => valueOf(item, path));
  if (isScalar(node)) return scalar(node, path);
  throw new InputError(`${path} is no YAML that climb writes`);
}

function keyOf(node: unknown, path: string): string {
  const key = valueOf(node, path);
  if (typeof key !== "string")
    throw new InputError(`${path}: PyYAML reads the key ${String(key)} as a ${typeof key}`);
  return key;
}

function scalar({ type, value }: Scalar, path: string): unknown {
  const written = typeof value === "string" ? value : "";
  if (type !== undefined && type !== Scalar.PLAIN) return written;
  if (nothing.test(written)) return null;
  if (boolean.test(written)) return truth.test(written);
  if (decimalNumber.test(written)) return Number(written);
  if (surprises.some((surprise) => surprise.test(written))) {
    throw new InputError(
      `${path}: PyYAML reads ${written} as another number, or a date`,
      "write it out, or quote it",
    );
  }
  if (number.test(written)) throw new InputError(`${path}: PyYAML reads ${written} as text, not as a number`);
  return written;
}
