/**
 * The member of a JSON object under a key, or under a dotted path of keys if there is no such key. An object that
 * was stored as a string of JSON is looked into as well. Undefined if there is none.
 */
export function memberOf(value: object, path: string): unknown {
  if (Object.hasOwn(value, path)) return Reflect.get(value, path);
  const dot = path.indexOf(".");
  if (dot === -1) return undefined;
  let inner: unknown = Object.hasOwn(value, path.slice(0, dot))
    ? Reflect.get(value, path.slice(0, dot))
    : undefined;
  if (typeof inner === "string" && inner.startsWith("{")) {
    try {
      inner = JSON.parse(inner);
    } catch {
      return undefined;
    }
  }
  return inner === null || typeof inner !== "object" ? undefined : memberOf(inner, path.slice(dot + 1));
}
