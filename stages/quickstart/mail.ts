/** As much of MIME (RFC 2045 to 2047) as the mail of 2002 needs, to get at what people read. */

export interface Mail {
  readonly subject: string;
  readonly kind: "plain" | "html";
  readonly body: string;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  /** One character a byte. */
  readonly content: string;
}

/** The subject and the first readable part of a raw mail; undefined if it has none. */
export function parseMail(raw: Uint8Array): Mail | undefined {
  // Drop the mbox line, which is not a header.
  const mail = parsePart(
    Buffer.from(raw)
      .toString("latin1")
      .replace(/^From .*\r?\n/, ""),
  );
  const texts = textParts(mail);
  const found =
    texts.find(({ type }) => type === "text/plain") ?? texts.find(({ type }) => type === "text/html");
  if (found === undefined) return undefined;
  const subject = decodeWords(mail.headers.get("subject") ?? "").trim();
  return { subject, kind: found.type === "text/html" ? "html" : "plain", body: withoutUuencoded(found.text) };
}

/** Whether people who read English can make something of it: no other alphabet, no stray base64. */
export function isReadable({ body }: Mail): boolean {
  const text = body.replaceAll(/<[^>]*>/g, "");
  const foreign = text.match(/[^\n\r\t -~\u00a0\u2010-\u2026]/g)?.length ?? 0;
  return foreign <= 0.05 * text.length && !/^[A-Za-z\d+/]{60,}\r?\n[A-Za-z\d+/]{60,}$/m.test(text);
}

function parsePart(source: string): Part {
  const end = /\r?\n\r?\n/.exec(source);
  const head = end === null ? source : source.slice(0, end.index);
  const headers = new Map<string, string>();
  // A line that starts with white space goes on with the header before it.
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const header = /^([\w-]+):\s*(.*)$/.exec(line);
    const name = header?.[1]?.toLowerCase();
    if (name !== undefined && !headers.has(name)) headers.set(name, header?.[2] ?? "");
  }
  return { headers, content: end === null ? "" : source.slice(end.index + end[0].length) };
}

/** Parts that are text, outermost first; attachments and everything inside other mails are left out. */
function textParts(part: Part): { type: string; text: string }[] {
  const header = part.headers.get("content-type") ?? "text/plain";
  const type = header.split(";")[0]!.trim().toLowerCase();
  if (type.startsWith("multipart/")) {
    const boundary = parameter(header, "boundary");
    if (boundary === undefined) return [];
    const [, ...pieces] = `\n${part.content}`.split(`\n--${boundary}`);
    const inner = pieces.filter((piece) => !piece.startsWith("--"));
    return inner.flatMap((piece) => textParts(parsePart(piece.replace(/^[ \t]*\r?\n/, ""))));
  }
  if (type !== "text/plain" && type !== "text/html") return [];
  if (/^attachment/i.test(part.headers.get("content-disposition") ?? "")) return [];
  const text = decodeText(part, parameter(header, "charset")).replaceAll("\r\n", "\n").trim();
  // Some senders call their HTML plain text.
  const isHtml = type === "text/html" || /^(<!doctype html|<html)/i.test(text);
  return text === "" ? [] : [{ type: isHtml ? "text/html" : "text/plain", text }];
}

function decodeText({ headers, content }: Part, charset: string | undefined): string {
  const encoding = (headers.get("content-transfer-encoding") ?? "").trim().toLowerCase();
  if (encoding === "base64") return decodeBytes(Buffer.from(content, "base64"), charset);
  const bytes =
    encoding === "quoted-printable" ? quotedPrintable(content.replaceAll(/=[ \t]*\r?\n/g, "")) : content;
  return decodeBytes(Buffer.from(bytes, "latin1"), charset);
}

/** What windows-1252 has where Latin-1 has control characters 0x80 to 0x9F. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

/** By the charset named, else by UTF-8 if that fits, else by what mail programs of the time meant. */
function decodeBytes(bytes: Uint8Array, charset: string | undefined): string {
  const labels = charset === undefined ? ["utf-8"] : [charset, "utf-8"];
  const decoded = labels.map((label) => tryDecode(bytes, label)).find((text) => text !== undefined);
  const text = decoded ?? Buffer.from(bytes).toString("latin1");
  // Node 20 decodes windows-1252 as Latin-1.
  return text.replaceAll(/[\u0080-\u009F]/g, (control) => windows1252[control.charCodeAt(0) - 0x80]!);
}

/** Undefined if the bytes are not of that charset, or nobody knows it. */
function tryDecode(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function quotedPrintable(text: string): string {
  return text.replaceAll(/=([\dA-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Headers may hold encoded words: =?charset?Q or B?text?= */
function decodeWords(header: string): string {
  return header.replaceAll(
    /=\?([\w-]+)\?([QB])\?([^?]*)\?=\s*/gi,
    (_, charset: string, form: string, text: string) =>
      form.toUpperCase() === "B"
        ? decodeBytes(Buffer.from(text, "base64"), charset)
        : decodeBytes(Buffer.from(quotedPrintable(text.replaceAll("_", " ")), "latin1"), charset),
  );
}

function parameter(header: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, "i").exec(header);
  return found?.[1] ?? found?.[2];
}

function withoutUuencoded(text: string): string {
  return text.replaceAll(/^begin [0-7]{3} \S.*\n(?:.*\n)*?end$/gm, "").trim();
}
