import pLimit from "p-limit";
import { InputError } from "../../core/errors.ts";
import type { EmbedConfig } from "../../schema/embed-config.ts";
import type { Embedder } from "../embedder.ts";
import { joinWindows } from "../join-windows.ts";
import { knownModel } from "../known-models.ts";
import { checkDimension, type EmbedSettings } from "../settings.ts";
import { EmbeddingsClient } from "./embeddings-client.ts";

/** A surrogate without its other half, which JSON can write but UTF-8 cannot. */
const loneSurrogate = /\p{Cs}/gu;

/**
 * Embeddings from an OpenAI-compatible server: text-embeddings-inference, vLLM, Ollama. The server decides about
 * tokens and pooling; what a text's neighbours in a request do to its last digits is up to it too.
 */
export class HttpEmbedder implements Embedder {
  readonly identity: string;
  readonly dimension: number;
  readonly #model: string;
  readonly #fullDimension: number;
  readonly #settings: EmbedSettings;
  readonly #http: EmbedConfig["http"];
  readonly #client: EmbeddingsClient;

  private constructor(
    identity: string,
    { model, http }: EmbedConfig,
    settings: EmbedSettings,
    client: EmbeddingsClient,
    fullDimension: number,
  ) {
    this.identity = identity;
    this.dimension = settings.dimension ?? fullDimension;
    this.#model = model;
    this.#fullDimension = fullDimension;
    this.#settings = settings;
    this.#http = http;
    this.#client = client;
  }

  /**
   * Ask the server for one vector, to know their dimension.
   *
   * @throws InputError if a known model has another dimension there; the rest as EmbeddingsClient does
   */
  static async open(
    config: EmbedConfig,
    url: string,
    settings: EmbedSettings,
    identity: string,
  ): Promise<HttpEmbedder> {
    const client = new EmbeddingsClient(config.model, url, config.http);
    const [probe = []] = await client.vectors(["dimension"], new AbortController().signal);
    const known = knownModel(config.model)?.fullDimension ?? probe.length;
    if (probe.length !== known) {
      throw new InputError(
        `${url} gives vectors of ${probe.length} dimensions, ${config.model} has ${known}`,
        "look at which model the server runs",
      );
    }
    checkDimension(settings.dimension, probe.length, config.model);
    return new HttpEmbedder(identity, config, settings, client, probe.length);
  }

  async embed(texts: readonly string[], done: (texts: number) => void = () => {}): Promise<Float32Array> {
    const { dimension } = this;
    const pieces = texts.map((text) => this.#pieces(text));
    const vectors = pieces.map((of) => new Float32Array(of.length * dimension));
    const places = pieces.flatMap((of, row) => of.map((_, place) => ({ row, place })));

    const stop = new AbortController();
    const limit = pLimit(this.#http.concurrency);
    const size = this.#http.batchTexts;
    const batches = Array.from({ length: Math.ceil(places.length / size) }, (_, i) =>
      limit(async () => {
        const batch = places.slice(i * size, (i + 1) * size);
        const rows = await this.#client.vectors(
          batch.map(({ row, place }) => pieces[row]![place]!),
          stop.signal,
        );
        let share = 0;
        for (const [at, { row, place }] of batch.entries()) {
          this.#checkLength(rows[at]!);
          vectors[row]!.set(this.#leading(rows[at]!), place * dimension);
          share += 1 / pieces[row]!.length;
        }
        done(share);
      }),
    );
    try {
      await Promise.all(batches);
    } finally {
      // After a failure the others are of no use.
      stop.abort();
      limit.clearQueue();
    }
    return joinWindows(texts, pieces, vectors, dimension, this.#model);
  }

  async close(): Promise<void> {}

  /** What is sent of a text; nothing of a blank one, which servers refuse. */
  #pieces(text: string): string[] {
    const { prefix, longTexts } = this.#settings;
    const { maxCharacters } = this.#http;
    const clean = text.replace(loneSurrogate, "\uFFFD").trim();
    if (clean === "") return [];
    const count = longTexts === "cut" ? 1 : Math.ceil(clean.length / maxCharacters);
    return Array.from({ length: count }, (_, i) => {
      const piece = clean.slice(i * maxCharacters, (i + 1) * maxCharacters);
      return prefix + piece.replace(loneSurrogate, "\uFFFD");
    });
  }

  #checkLength({ length }: readonly number[]): void {
    if (length === this.#fullDimension) return;
    throw new InputError(
      `embed.model ${this.#model} gave ${this.#fullDimension} dimensions first and ${length} later`,
      "look at whether one server answers, with one model",
    );
  }

  /** The dimensions that are kept. */
  #leading(vector: readonly number[]): readonly number[] {
    if (this.dimension === vector.length) return vector;
    const mean = this.#settings.centred ? vector.reduce((sum, value) => sum + value, 0) / vector.length : 0;
    return vector.slice(0, this.dimension).map((value) => value - mean);
  }
}
