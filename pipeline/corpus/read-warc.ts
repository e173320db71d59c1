import type { InputFile } from "./discover.ts";
import { decodeHtml } from "./html-charset.ts";
import { htmlText } from "./html-text.ts";
import { decodeBody, HttpBodyError, parseHttpResponse } from "./http-response.ts";
import { readBytes } from "./read-bytes.ts";
import type { RawRecord, ReadOptions, Records, Skip } from "./record.ts";
import { maxBlockBytes, type WarcDamage, type WarcRecord, warcRecords } from "./warc-records.ts";

type Finding = Pick<RawRecord, "text" | "sourceId" | "url" | "language"> | Pick<Skip, "reason" | "detail">;

/**
 * Documents of a web archive: the main text of every page that a server gave (WARC), and text that somebody
 * made of one (WET). Everything else (requests, images, redirects, what the crawler says of itself) is a skip
 * under `not-a-document`; details name the byte at which a record begins in what was decompressed.
 *
 * @throws BadFileError
 */
export async function* readWarc(file: InputFile, options: ReadOptions): Records {
  const scores = options.scores.map(() => null);
  const from = file.part?.from ?? 0;
  const within = from === 0 ? undefined : `what the member at byte ${from} begins`;
  const of = within === undefined ? "" : ` of ${within}`;
  let records = 0;
  for await (const record of warcRecords(readBytes(file, options.onBytes), within)) {
    records = record.number;
    const place = { file: file.name, line: record.number };
    const found = await findDocument(record);
    if ("reason" in found) {
      yield { ...place, reason: found.reason, detail: `${found.detail}, at byte ${record.offset}${of}` };
    } else {
      yield { ...found, scores, ...place };
    }
  }
  options.onLines?.(records);
}

async function findDocument(record: WarcRecord | WarcDamage): Promise<Finding> {
  if ("damage" in record) return { reason: "unreadable-record", detail: record.damage };
  const type = record.headers.get("warc-type")?.toLowerCase();
  if (type === "conversion") return conversionText(record);
  if (type === "response") return responseText(record);
  return notADocument(`${type ?? "nameless"} record`);
}

function conversionText(record: WarcRecord): Finding {
  const type = mediaType(record.headers.get("content-type") ?? "text/plain");
  if (type !== "text/plain") return notADocument(`conversion to ${type}`);
  if (isTooLong(record)) return tooLong(`${record.blockBytes} bytes`);
  try {
    return toDocument(record, utf8.decode(record.block));
  } catch {
    return { reason: "invalid-utf8", detail: "the record is not valid UTF-8" };
  }
}

async function responseText(record: WarcRecord): Promise<Finding> {
  const { headers, block } = record;
  if (!/^application\/http\b/i.test(headers.get("content-type") ?? "application/http")) {
    return notADocument(`response of ${headers.get("content-type")}`);
  }
  const response = parseHttpResponse(block);
  if (response === undefined) return { reason: "unreadable-record", detail: "no HTTP header" };
  if (response.status < 200 || response.status > 299) return notADocument(`HTTP status ${response.status}`);

  const sent = response.headers.get("content-type") ?? "";
  const type = mediaType(headers.get("warc-identified-payload-type") ?? sent);
  if (type !== "" && !/^(text\/html|application\/xhtml\+xml)$/.test(type)) {
    return notADocument(`response of ${type}`);
  }
  if (isTooLong(record)) return tooLong(`${record.blockBytes} bytes`);
  try {
    const body = decodeBody(response, maxBlockBytes);
    if (type === "" && !startsAsHtml(body)) return notADocument("response of no type");
    return toDocument(record, await htmlText(decodeHtml(body, sent)));
  } catch (error) {
    if (!(error instanceof HttpBodyError)) throw error;
    return { reason: "unreadable-record", detail: error.message };
  }
}

function toDocument({ headers }: WarcRecord, text: string): Finding {
  const sourceId = headers.get("warc-record-id") ?? null;
  // Old versions of wget put the address in angle brackets.
  const url = headers.get("warc-target-uri")?.replace(/^<(.*)>$/, "$1") ?? null;
  // Common Crawl's WET names up to three languages, the main one first.
  const language = headers.get("warc-identified-content-language")?.split(",")[0];
  return { text, sourceId, url, ...(language === undefined || language === "" ? {} : { language }) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

const mediaType = (contentType: string) => contentType.split(";")[0]!.trim().toLowerCase();

const startsAsHtml = (body: Buffer) => /^\s*<(!doctype html|html)\b/i.test(body.toString("latin1", 0, 512));

const isTooLong = ({ block, blockBytes }: WarcRecord) => block.length < blockBytes;

const notADocument = (detail: string): Finding => ({ reason: "not-a-document", detail });

const tooLong = (size: string): Finding => ({
  reason: "too-long",
  detail: `${size}, more than the ${maxBlockBytes} of the longest page read`,
});
