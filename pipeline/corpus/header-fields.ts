/**
 * Named fields of a WARC or HTTP header, names in lower case. Of a name given twice the first counts; a line
 * that begins with white space continues the one before.
 */
export function headerFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const unfolded = /\n[ \t]/.test(text) ? text.replaceAll(/\r?\n[ \t]+/g, " ") : text;
  for (const line of unfolded.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Where a header ends and what follows it begins: after the first empty line; -1 if there is none. */
export function headerEnd(bytes: Buffer): number {
  const crlf = bytes.indexOf("\r\n\r\n");
  // Bare newlines are against the rules, and exist.
  const bare = (crlf === -1 ? bytes : bytes.subarray(0, crlf)).indexOf("\n\n");
  if (bare !== -1) return bare + 2;
  return crlf === -1 ? -1 : crlf + 4;
}
