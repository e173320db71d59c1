/** An OpenAI-compatible embeddings server on localhost, with faults by request. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Fault {
  readonly status?: number;
  readonly retryAfter?: string;
  /** Instead of vectors. */
  readonly body?: string;
  readonly delayMs?: number;
  /** Close the connection without an answer. */
  readonly hangUp?: boolean;
  /** Vectors in another order than the texts. */
  readonly shuffled?: boolean;
  readonly dimension?: number;
}

interface Request {
  readonly model: string;
  readonly input: readonly string[];
  readonly authorization: string | undefined;
}

interface Behaviour {
  /** What happens to the request of a number, counted from 0. */
  readonly faults?: Readonly<Record<number, Fault>>;
  /** Texts a request may hold; more is answered by 413. */
  readonly limit?: number;
}

/** The vector the server gives a text: by its words, so that like texts are near. */
export function fakeVector(text: string, dimension = 4): number[] {
  const vector = Array.from({ length: dimension }, (_, i) => (i === 0 ? 1e-3 : 0));
  for (const [place, word] of text.split(/\s+/).entries()) {
    let hash = 7;
    for (const character of word) hash = (hash * 31 + character.codePointAt(0)!) % 10_007;
    vector[hash % dimension]! += 1 + (hash % 97) / 97 / (1 + place);
  }
  return vector;
}

export async function withEmbeddingServer<Result>(
  { faults = {}, limit = Infinity }: Behaviour,
  use: (server: { url: string; requests: Request[] }) => Promise<Result>,
): Promise<Result> {
  const requests: Request[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { model, input } = JSON.parse(body) as { model: string; input: string[] };
    const fault = faults[requests.length] ?? {};
    const isProbe = requests.length === 0;
    requests.push({ model, input, authorization: request.headers.authorization });
    if (fault.hangUp === true) {
      response.destroy();
      return;
    }
    await new Promise((waited) => {
      setTimeout(waited, fault.delayMs ?? 0);
    });
    if (fault.retryAfter !== undefined) response.setHeader("retry-after", fault.retryAfter);
    const isTooMany = input.length > limit && !isProbe;
    response.statusCode = fault.status ?? (isTooMany ? 413 : 200);
    const data = input.map((text, index) => ({ index, embedding: fakeVector(text, fault.dimension) }));
    const vectors = JSON.stringify({ data: fault.shuffled === true ? data.toReversed() : data });
    response.end(fault.body ?? (response.statusCode === 200 ? vectors : ""));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  try {
    return await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests });
  } finally {
    await new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    });
  }
}
