/** A run config from YAML: overrides applied, defaults resolved, every mistake named with file and line. */
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { type Document, isMap, isNode, LineCounter, parse, parseDocument, stringify } from "yaml";
import { z } from "zod";
import { ClimbConfig } from "../schema/config.ts";
import { ConfigError } from "./errors.ts";

type Path = readonly PropertyKey[];

/**
 * @param overrides `key.path=value` with the value in YAML; they win over the file
 * @throws ConfigError naming file, line and column, and the nearest valid name for an unknown key
 */
export async function loadConfig(path: string, overrides: readonly string[] = []): Promise<ClimbConfig> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `cannot read the config ${path} (${error.code})`,
      "give the path of a YAML file, for example configs/quickstart.yaml",
    );
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    throw new ConfigError(`${path}:${line}:${col}: ${syntax.message.split("\n")[0]}`, "mend the YAML there");
  }
  if (!isMap(document.contents)) throw new ConfigError(`${path}: a config is a mapping of keys to values`);
  const overridden = new Set<string>();
  for (const override of overrides) overridden.add(applyOverride(document, override));
  if (!document.has("name")) document.set("name", basename(path, extname(path)));

  const parsed = ClimbConfig.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, []));
  const messages = problems.map(({ path: at, message }) => {
    const given = overridden.has(at.join("."));
    return `${given ? "command line" : position(path, document, lines, at)}: ${message}`;
  });
  throw new ConfigError(messages.join("\n"), "configs/climb.schema.json lists every key with its meaning");
}

/** The resolved config as YAML: what config.resolved.yaml holds. Loading it gives the same config. */
export function formatConfig(config: ClimbConfig): string {
  return stringify(config, { lineWidth: 0 });
}

/** JSON Schema of a config file, for editors. */
export function configJsonSchema(): unknown {
  const schema = z.toJSONSchema(ClimbConfig, { io: "input" });
  // The file's own name stands in for it.
  schema.required = (schema.required ?? []).filter((key) => key !== "name");
  return { ...schema, title: "CLIMB run config" };
}

function applyOverride(document: Document, override: string): string {
  const equals = override.indexOf("=");
  if (equals < 1) {
    throw new ConfigError(
      `'${override}' is not an override`,
      "write key.path=value, for example search.pool=5000",
    );
  }
  const key = override.slice(0, equals);
  const path = key.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  let value: unknown;
  try {
    value = parse(override.slice(equals + 1));
  } catch (error) {
    throw new ConfigError(`${key}: the value is not YAML (${(error as Error).message.split("\n")[0]})`);
  }
  try {
    document.setIn(path, value);
  } catch {
    throw new ConfigError(
      `'${key}' does not lead to a value`,
      "the part before the last dot must be a section",
    );
  }
  return key;
}

/** Flatten zod's issues; for a union, the branch that came furthest speaks. */
function describe(issue: z.core.$ZodIssue, base: Path): { path: Path; message: string }[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key '${[...path, key].join(".")}'${suggestion(key, validKeys(path))}`,
    }));
  }
  if (issue.code === "invalid_union") {
    const branches = issue.errors.map((errors) => errors.flatMap((inner) => describe(inner, path)));
    const depth = (branch: { path: Path }[]) => Math.max(0, ...branch.map((problem) => problem.path.length));
    const best = branches.reduce<{ path: Path; message: string }[] | undefined>(
      (best, branch) => (best === undefined || depth(branch) > depth(best) ? branch : best),
      undefined,
    );
    if (best !== undefined && depth(best) > path.length) return best;
  }
  return [{ path, message: `${path.length === 0 ? "config" : path.join(".")}: ${issue.message}` }];
}

function suggestion(key: string, valid: readonly string[]): string {
  if (valid.length === 0) return "";
  const nearest = closest(key, valid);
  return distance(key, nearest) <= Math.max(2, key.length / 3)
    ? `; did you mean '${nearest}'?`
    : `; valid here: ${valid.join(", ")}`;
}

/** The keys the schema knows at a path. */
function validKeys(path: Path): string[] {
  let schema = configJsonSchema() as JsonSchema;
  for (const part of path) {
    const inside: JsonSchema | undefined =
      typeof part === "number" ? schema.items : schema.properties?.[String(part)];
    if (inside === undefined) return [];
    schema = inside;
  }
  const branches = [schema, ...(schema.anyOf ?? [])];
  return [...new Set(branches.flatMap((branch) => Object.keys(branch.properties ?? {})))];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** file:line:col of the deepest node on the path that is in the file. */
function position(file: string, document: Document, lines: LineCounter, path: Path): string {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => (isNode(item.key) ? String(item.key) : item.key) === key)
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset !== undefined) {
      const { line, col } = lines.linePos(offset);
      return `${file}:${line}:${col}`;
    }
  }
  return file;
}
