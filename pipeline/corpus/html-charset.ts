import { TextDecoder } from "node:util";

/** Bytes of a page in which browsers look for its meta element. */
const prescanBytes = 1024;

/**
 * The characters of a page, by what browsers go by: byte-order mark, the charset of the HTTP header, the
 * page's meta element; else UTF-8 if it is that, and Windows-1252 if not. Bytes that the charset does not
 * have become U+FFFD.
 *
 * @param contentType of the HTTP header
 */
export function decodeHtml(bytes: Buffer, contentType: string): string {
  const declared = [byteOrderMark(bytes), charsetIn(contentType), metaCharset(bytes)];
  for (const label of declared) {
    const decoder = label === undefined ? undefined : decoderFor(label);
    if (decoder !== undefined) return decodeWith(decoder, bytes);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return decodeWith(new TextDecoder("windows-1252"), bytes);
  }
}

/** Windows-1252 from 0x80 to 0x9F (https://encoding.spec.whatwg.org/index-windows-1252.txt). */
const windows1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ";

function decodeWith(decoder: TextDecoder, bytes: Buffer): string {
  const text = decoder.decode(bytes);
  if (decoder.encoding !== "windows-1252") return text;
  // Node 20 takes it for Latin-1, which has control characters where this has quotation marks.
  return text.replaceAll(/[\x80-\x9F]/g, (control) => windows1252[control.charCodeAt(0) - 0x80]!);
}

/** Undefined for a name that nobody gave a charset. */
function decoderFor(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function byteOrderMark(bytes: Buffer): string | undefined {
  const start = bytes.toString("hex", 0, 3);
  if (start === "efbbbf") return "utf-8";
  if (start.startsWith("fffe")) return "utf-16le";
  return start.startsWith("feff") ? "utf-16be" : undefined;
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?\s*([^\s"';>/]+)/i.exec(text)?.[1];
}

function metaCharset(bytes: Buffer): string | undefined {
  const head = bytes.toString("latin1", 0, prescanBytes).replaceAll(/<!--[^]*?-->/g, "");
  for (const [meta] of head.matchAll(/<meta\s[^>]*>/gi)) {
    const label = charsetIn(meta);
    // A page whose meta element can be read as ASCII is not in UTF-16.
    if (label !== undefined) return /^utf-?16/i.test(label) ? "utf-8" : label;
  }
  return undefined;
}
