/**
 * The proxies' text: token ids of the corpus regrouped by domain, and of the targets by target and side.
 * Rows are documents in the corpus's canonical order, so streams do not depend on how files were sharded.
 */
import { InputError } from "../core/errors.ts";
import { readNpy } from "../core/npy.ts";
import type { ProxyDomain, ProxyTarget } from "../proxy/proxy.ts";

type Tokens = Uint16Array | Uint32Array;

/** Token ids of all documents, row after row. */
export interface TokenRows {
  /** Files of consecutive rows, in order, and how many rows each holds. */
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  /** Tokens of each row. */
  readonly rowTokens: Uint32Array;
}

interface Stream {
  readonly tokens: Tokens;
  readonly documentEnds: Uint32Array;
  readonly rows: readonly number[];
}

/**
 * @param rowGroup for every row its group, or -1 to leave the row out
 * @returns for every group its rows' tokens in row order, with the exclusive end of each document
 * @throws InputError if a file holds more or fewer tokens than its rows say
 */
async function groupTokens(
  { files, rowTokens }: TokenRows,
  rowGroup: Int32Array,
  groups: number,
): Promise<Stream[]> {
  const streams = emptyStreams(rowTokens, rowGroup, groups, await tokenType(files));
  const filled = streams.map(() => ({ tokens: 0, documents: 0 }));
  let row = 0;
  for (const file of files) {
    const tokens = await readTokens(file.path);
    const lastRow = row + file.rows;
    let start = 0;
    for (; row < lastRow; row++) {
      const end = start + rowTokens[row]!;
      const group = rowGroup[row]!;
      if (group >= 0 && end <= tokens.length) {
        const stream = streams[group]!;
        const at = filled[group]!;
        stream.tokens.set(tokens.subarray(start, end), at.tokens);
        at.tokens += end - start;
        stream.documentEnds[at.documents++] = at.tokens;
      }
      start = end;
    }
    if (start !== tokens.length) {
      throw new InputError(
        `${file.path} holds ${tokens.length} tokens, its ${file.rows} documents should have ${start}`,
        "delete the ingest artifact and run again",
      );
    }
  }
  return streams;
}

function emptyStreams(
  rowTokens: Uint32Array,
  rowGroup: Int32Array,
  groups: number,
  type: typeof Uint16Array | typeof Uint32Array,
): Stream[] {
  const totals = new Float64Array(groups);
  const rows: number[][] = Array.from({ length: groups }, () => []);
  rowGroup.forEach((group, row) => {
    if (group < 0) return;
    totals[group]! += rowTokens[row]!;
    rows[group]!.push(row);
  });
  return rows.map((members, group) => ({
    tokens: new type(totals[group]!),
    documentEnds: new Uint32Array(members.length),
    rows: members,
  }));
}

async function tokenType(files: TokenRows["files"]): Promise<typeof Uint16Array | typeof Uint32Array> {
  const first = files[0] === undefined ? new Uint16Array() : await readTokens(files[0].path);
  return first instanceof Uint16Array ? Uint16Array : Uint32Array;
}

/** One stream per domain; `rowDomain` is -1 for documents that are in no domain. */
export async function readDomainStreams(
  rows: TokenRows,
  rowDomain: Int32Array,
  domainIds: readonly string[],
): Promise<ProxyDomain[]> {
  const grouped = await groupTokens(rows, rowDomain, domainIds.length);
  return domainIds.map((id, domain) => ({
    id,
    tokens: grouped[domain]!.tokens,
    documentEnds: grouped[domain]!.documentEnds,
  }));
}

/** One stream per target, of the documents on one side of the split. */
export async function readTargetStreams(
  rows: TokenRows,
  rowTarget: Int32Array,
  rowBytes: Uint32Array,
  names: readonly string[],
): Promise<ProxyTarget[]> {
  const grouped = await groupTokens(rows, rowTarget, names.length);
  return names.map((name, target) => ({
    name,
    tokens: grouped[target]!.tokens,
    documentEnds: grouped[target]!.documentEnds,
    documentBytes: Uint32Array.from(grouped[target]!.rows, (row) => rowBytes[row]!),
  }));
}

/**
 * One stream per target, of the documents of rows on one side, where a row may be several: a question with its answers.
 *
 * @param table Documents * 4: row, tokens, tokens of context, bytes of what is predicted.
 */
export async function readTargetDocuments(
  files: TokenRows["files"],
  table: Uint32Array,
  rowTarget: Int32Array,
  names: readonly string[],
): Promise<ProxyTarget[]> {
  const column = (index: number) => table.filter((_, at) => at % 4 === index);
  const [row, rowTokens, contextTokens, bytes] = [column(0), column(1), column(2), column(3)];
  const documentTarget = Int32Array.from(row, (of) => rowTarget[of]!);
  const grouped = await groupTokens({ files, rowTokens }, documentTarget, names.length);
  return names.map((name, target) => {
    const { tokens, documentEnds, rows: documents } = grouped[target]!;
    const pick = (values: Uint32Array) => Uint32Array.from(documents, (document) => values[document]!);
    const given = pick(contextTokens);
    const questions = pick(row);
    const hasAlternatives = new Set(questions).size < questions.length;
    return {
      name,
      tokens,
      documentEnds,
      documentBytes: pick(bytes),
      ...(given.some((count) => count > 0) && { contextTokens: given }),
      ...(hasAlternatives && { questions }),
    };
  });
}

async function readTokens(path: string): Promise<Tokens> {
  const { data } = await readNpy(path);
  if (data instanceof Uint16Array || data instanceof Uint32Array) return data;
  throw new InputError(`${path} does not hold token ids (uint16 or uint32)`, "run ingest again");
}
