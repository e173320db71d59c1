import { dirname, sep } from "node:path";

/**
 * What a path's folders say of the files in them: key=value, as Hive writes it, and ClimbLab's cluster_N.
 * Of a key written twice the innermost counts.
 */
export function folderKeys(path: string): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const segment of dirname(path).split(sep)) {
    const [, key, value] = /^([A-Za-z_]\w*)=(.+)$/.exec(segment) ?? /^(cluster)_(\d+)$/.exec(segment) ?? [];
    if (key !== undefined && value !== undefined) keys[key] = value;
  }
  return keys;
}
