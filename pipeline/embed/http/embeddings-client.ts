import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ConfigError, IncompleteError, InputError } from "../../core/errors.ts";
import type { EmbedConfig } from "../../schema/embed-config.ts";
import { reasonOf } from "../reason-of.ts";
import { Pace } from "./pace.ts";
import { retryAfterMs } from "./retry-after.ts";

const Answer = z.object({
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })),
});

/** Answers that may be another one later. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/** Posts texts to `<url>/embeddings` of an OpenAI-compatible server. */
export class EmbeddingsClient {
  readonly #model: string;
  readonly #http: EmbedConfig["http"];
  readonly #endpoint: string;
  readonly #pace: Pace;

  constructor(model: string, url: string, http: EmbedConfig["http"]) {
    this.#model = model;
    this.#http = http;
    this.#endpoint = `${url.replace(/\/+$/, "")}/embeddings`;
    this.#pace = new Pace(http.requestsPerMinute);
  }

  /**
   * One vector for each text, in their order. Texts that are too many or too long for the server are sent again in
   * two halves.
   *
   * @throws IncompleteError if the server cannot be reached or keeps failing
   * @throws ConfigError if it wants another key, address or model
   * @throws InputError if it refuses the texts or does not answer with vectors
   */
  async vectors(texts: readonly string[], signal: AbortSignal): Promise<(readonly number[])[]> {
    const response = await this.#post(texts, signal);
    if (response.status === 413) {
      if (texts.length > 1) {
        const middle = Math.ceil(texts.length / 2);
        const first = await this.vectors(texts.slice(0, middle), signal);
        return [...first, ...(await this.vectors(texts.slice(middle), signal))];
      }
      throw new InputError(
        `${this.#endpoint} says 413 to a text of ${texts[0]!.length} characters: '${texts[0]!.slice(0, 60)}'`,
        "lower embed.http.maxCharacters, or let the server cut long texts",
      );
    }
    if (response.status !== 200) throw this.#refusal(response);
    return this.#read(response.body, texts.length);
  }

  /** The first answer that is not a passing failure. */
  async #post(texts: readonly string[], signal: AbortSignal): Promise<{ status: number; body: string }> {
    const body = JSON.stringify({ model: this.#model, input: texts, encoding_format: "float" });
    const key = process.env[this.#http.keyVariable] ?? "";
    const headers = {
      "content-type": "application/json",
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
    };
    for (let attempt = 0; ; attempt++) {
      await this.#pace.turn(signal);
      let problem: string;
      let wait: number | undefined;
      try {
        const timeout = AbortSignal.timeout(this.#http.timeoutSeconds * 1000);
        const init = { method: "POST", headers, body, signal: AbortSignal.any([signal, timeout]) };
        const response = await fetch(this.#endpoint, init);
        const text = await response.text();
        if (!passing.has(response.status)) return { status: response.status, body: text };
        problem = `says ${response.status} ${text.slice(0, 200)}`.trim();
        wait = retryAfterMs(response.headers.get("retry-after"), Date.now());
        if (wait !== undefined) this.#pace.pause(wait);
      } catch (error) {
        if (signal.aborted) throw error;
        problem = `cannot be reached (${reasonOf(error)})`;
      }
      if (attempt >= this.#http.retries) {
        throw new IncompleteError(
          `${this.#endpoint} ${problem}, ${attempt + 1} times`,
          "see to the server and run the same command again; or raise embed.http.retries, or lower embed.http.concurrency",
        );
      }
      // Between half and the whole of a pause that doubles, so that workers do not come back all at once.
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt) * (0.5 + Math.random() / 2);
      await sleep(wait ?? pause, undefined, { signal });
    }
  }

  #refusal({ status, body }: { status: number; body: string }): Error {
    const problem = `${this.#endpoint} says ${status} ${body.slice(0, 300)}`.trim();
    if (status === 401 || status === 403) {
      return new ConfigError(
        problem,
        `set the environment variable ${this.#http.keyVariable} to the server's key`,
      );
    }
    if (status === 404) {
      return new ConfigError(problem, `look at embed.http.url and at embed.model=${this.#model}`);
    }
    return new InputError(
      problem,
      "look at embed.model, and lower embed.http.maxCharacters if the server does not cut long texts",
    );
  }

  #read(body: string, texts: number): (readonly number[])[] {
    const fail = (problem: string): never => {
      throw new InputError(
        `${this.#endpoint} ${problem}`,
        "embed.http.url should be that of an OpenAI-compatible server",
      );
    };
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      return fail(`answers with something other than JSON: ${body.slice(0, 100)}`);
    }
    const answer = Answer.safeParse(json);
    if (!answer.success) return fail(`answers without vectors: ${z.prettifyError(answer.error)}`);
    const vectors: (readonly number[])[] = [];
    for (const { index, embedding } of answer.data.data) vectors[index] = embedding;
    if (
      vectors.length !== texts ||
      answer.data.data.length !== texts ||
      vectors.includes(undefined as never)
    ) {
      return fail(
        `gives vectors ${answer.data.data.map(({ index }) => index).join(", ")} for ${texts} texts`,
      );
    }
    return vectors;
  }
}
