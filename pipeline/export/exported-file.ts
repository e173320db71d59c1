import { parseDocument } from "yaml";
import type { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { ExportFile } from "./exporter.ts";
import { parsePythonYaml } from "./python-yaml.ts";

/** The file of that path. InputError if it is missing. */
export function fileText(files: readonly ExportFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new InputError(`${path} is missing`, "export again");
  return file.text;
}

/** A YAML file as PyYAML reads it, in the shape the trainer expects. InputError if it has another. */
export function readYaml<T extends z.ZodType>(
  files: readonly ExportFile[],
  path: string,
  shape: T,
): z.output<T> {
  return parseShape(shape, parsePythonYaml(fileText(files, path), path), path);
}

/** A JSON file in the shape the trainer expects. InputError if it has another, or a key twice, of which Python drops one. */
export function readJson<T extends z.ZodType>(
  files: readonly ExportFile[],
  path: string,
  shape: T,
): z.output<T> {
  const text = fileText(files, path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`);
  }
  // JSON.parse keeps the last of two equal keys; the YAML parser, for which JSON is YAML, complains.
  const [problem] = parseDocument(text).errors;
  if (problem !== undefined) throw new InputError(`${path}: ${problem.message}`);
  return parseShape(shape, value, path);
}

function parseShape<T extends z.ZodType>(shape: T, value: unknown, path: string): z.output<T> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${path}: ${[...issue!.path, issue!.message].join(": ")}`);
}
