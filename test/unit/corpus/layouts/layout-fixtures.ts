/** A corpus of two documents for every layout that is recognised, with the columns and folders of the real one. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { encode } from "gpt-tokenizer/encoding/r50k_base";
import { openDuckdb, sqlText } from "../../../../pipeline/core/duckdb.ts";
import { writeNpy } from "../../../../pipeline/core/npy.ts";

export interface LayoutFixture {
  /** As `climb inspect` names it. */
  readonly layout: string;
  /** Writes the corpus below a folder. */
  readonly write: (folder: string) => Promise<void>;
  /** Of the first document. */
  readonly expected: {
    readonly text?: string;
    readonly id?: string | null;
    readonly url?: string | null;
    readonly language?: string;
    readonly label?: string;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly vector?: readonly number[];
    readonly scores?: Readonly<Record<string, number | null>>;
  };
}

const texts = ["The first document of two.", "The second one: naïve \u{1F600}."];
const text = texts[0]!;

type Row = Readonly<Record<string, unknown>>;

async function put(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

const lines = (rows: readonly Row[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const gz =
  (name: string, row: (text: string, index: number) => Row) =>
  (folder: string): Promise<void> =>
    put(folder, name, gzipSync(lines(texts.map(row))));

/** JSON lines that DuckDB writes in another format or compression. */
const rewritten =
  (name: string, select: string, options: string, row: (text: string, index: number) => Row) =>
  async (folder: string): Promise<void> => {
    await put(folder, name, "");
    const from = join(folder, "rows.tmp");
    await put(folder, "rows.tmp", lines(texts.map(row)));
    const { connection, close } = await openDuckdb();
    try {
      await connection.run(
        `COPY (SELECT ${select} FROM read_json(${sqlText(from)}, format = 'newline_delimited')) TO ${sqlText(join(folder, name))} (${options})`,
      );
    } finally {
      close();
    }
    const { rm } = await import("node:fs/promises");
    await rm(from);
  };

const parquet = (name: string, select: string, row: (text: string, index: number) => Row) =>
  rewritten(name, select, "FORMAT parquet", row);

const zstd = (name: string, row: (text: string, index: number) => Row) =>
  rewritten(name, "*", "FORMAT json, COMPRESSION zstd", row);

const fineweb = (text: string, index: number) => ({
  text,
  id: `<urn:uuid:${index}>`,
  dump: "CC-MAIN-2023-50",
  url: `https://a.example/${index}`,
  date: "2023-12-01T00:00:00Z",
  file_path: "s3://commoncrawl/x.warc.gz",
  language: "en",
  language_score: 0.9 + index / 100,
  token_count: 7,
});

const ofFineweb = { id: "<urn:uuid:0>", url: "https://a.example/0", language: "en" };

const dclm = (text: string, index: number) => ({
  bff_contained_ngram_count_before_dedupe: 3,
  language_id_whole_page_fasttext: { en: 0.97 },
  metadata: { "Content-Type": "text/html", "WARC-Record-ID": `<urn:uuid:${index}>`, "WARC-Target-URI": "x" },
  previous_word_count: 9,
  text,
  url: `https://a.example/${index}`,
  warcinfo: "robots: classic",
  fasttext_openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train_prob: 0.25,
});

const ofDclm = { id: "<urn:uuid:0>", url: "https://a.example/0" };
const dclmScores = {
  "language_id_whole_page_fasttext.en": 0.97,
  fasttext_openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train_prob: 0.25,
};

async function writeWebOrganizer(folder: string): Promise<void> {
  const stem = "CC_shard_00000000_processed";
  await zstd(`documents/${stem}.jsonl.zst`, dclm)(folder);
  const array = async (name: string, data: Float32Array | Int32Array, shape: number[]) => {
    await put(folder, name, "");
    await writeNpy(join(folder, name), data, shape);
  };
  await array(`tokens/${stem}.npy`, Int32Array.of(7, 8), [2]);
  await array(`scores_fineweb-edu/${stem}.npy`, Float32Array.of(2.5, 3.5), [2]);
  await array(`domains_topics/${stem}__choice.npy`, Int32Array.of(17, 3), [2]);
  await array(`domains_topics/${stem}.npy`, Float32Array.of(0.1, 0.9, 0.8, 0.2), [2, 2]);
  await array(`domains_clusters-k24/${stem}.npy`, Int32Array.of(5, 6), [2]);
}

async function writeDolma(folder: string): Promise<void> {
  await gz("documents/cc/0000.jsonl.gz", (text, index) => ({
    id: `doc-${index}`,
    text,
    source: "common-crawl",
    added: "2023-01-01",
    metadata: { url: `https://a.example/${index}`, language: "en" },
  }))(folder);
  await gz("attributes/gopher/cc/0000.jsonl.gz", (text, index) => ({
    id: `doc-${index}`,
    attributes: {
      gopher__gopher_v1__word_count: [[0, text.length, 5 + index]],
      gopher__lines__symbols: [
        [0, 10, 1],
        [10, 30, 4],
      ],
    },
  }))(folder);
}

async function writeRedPajama2(folder: string): Promise<void> {
  await gz("documents/2023-06/0000/en_head.json.gz", (raw_content, index) => ({
    url: `https://a.example/${index}`,
    date_download: "2023-02-01T00:00:00Z",
    digest: `sha1:${index}`,
    raw_content,
    title: "t",
    language: "en",
    language_score: 0.9,
    perplexity: 200 + index,
    bucket: "head",
  }))(folder);
  await gz("quality_signals/2023-06/0000/en_head.signals.json.gz", (text, index) => ({
    id: `2023-06/0000/en_head.json.gz/${index}`,
    id_int: index,
    metadata: { cc_segment: "x" },
    quality_signals: {
      ccnet_perplexity: [[0, text.length, 200.5 + index]],
      rps_doc_word_count: [[0, text.length, 5]],
      rps_lines_num_words: [[0, text.length, 5]],
    },
  }))(folder);
  await gz("duplicates/2023-06/0000/en_head.jsonl.gz", () => ({ doc_id: "x" }))(folder);
}

const curated = (text: string, index: number) => ({
  _curator_climb_id: index,
  text,
  embeddings: [index + 1, 0.5, -2],
});

async function writeCurator(folder: string): Promise<void> {
  await parquet("clusters/centroid=12/part.0.parquet", "*, 0.5 AS cosine_dist_to_cent", curated)(folder);
}

const scored = (text: string, index: number) => ({
  ...curated(text, index),
  quality_score: 3,
  edu_score: 1.5,
});

async function writeCuratorPruned(folder: string): Promise<void> {
  await put(folder, "pruned_clusters/centroid=3/0.jsonl", lines(texts.map(scored)));
}

const ids = (text: string) => [...encode(text), 50_256];

export const layoutFixtures: readonly LayoutFixture[] = [
  {
    layout: "FineWeb",
    write: parquet("data/CC-MAIN-2023-50/000_00000.parquet", "*", fineweb),
    expected: { ...ofFineweb, scores: { language_score: 0.9 } },
  },
  {
    layout: "FineWeb-Edu",
    write: parquet("sample/10BT/000_00000.parquet", "*", (text, index) => ({
      ...fineweb(text, index),
      score: 2.75,
      int_score: 3,
    })),
    expected: { ...ofFineweb, scores: { language_score: 0.9, score: 2.75 } },
  },
  {
    layout: "FineWeb-2",
    write: parquet("data/fra_Latn/train/000_00000.parquet", "*", (text, index) => ({
      ...fineweb(text, index),
      language: "fra",
      language_script: "Latn",
      minhash_cluster_size: 2,
      top_langs: "{}",
    })),
    expected: { ...ofFineweb, language: "fra", scores: { language_score: 0.9 } },
  },
  {
    layout: "FineWeb-edu-fortified",
    write: parquet(
      "data/CC-MAIN-2013-20/train-00000.parquet",
      "* REPLACE (embedding::FLOAT[] AS embedding)",
      (text, index) => ({
        ...fineweb(text, index),
        score: 2.75,
        int_score: 3,
        embedding: [0.25, -1, index],
        count: 1,
      }),
    ),
    expected: { ...ofFineweb, vector: [0.25, -1, 0], scores: { language_score: 0.9, score: 2.75 } },
  },
  {
    layout: "Nemotron-CC",
    write: zstd(
      "data-jsonl/quality=high/kind=actual/kind2=actual/CC-MAIN-2013-20-part-00000.jsonl.zstd",
      (text, index) => ({
        warc_record_id: `uuid-${index}`,
        url: `https://a.example/${index}`,
        language: "eng",
        text,
      }),
    ),
    expected: {
      id: "uuid-0",
      url: "https://a.example/0",
      language: "eng",
      metadata: { quality: "high", kind: "actual", kind2: "actual" },
    },
  },
  {
    layout: "DCLM-baseline",
    write: zstd("global-shard_01_of_10/local-shard_0_of_10/shard_00000000_processed.jsonl.zst", dclm),
    expected: { ...ofDclm, scores: dclmScores },
  },
  {
    layout: "DCLM-baseline",
    write: parquet("filtered/shard_00000000.parquet", "*", dclm),
    expected: { ...ofDclm, scores: dclmScores },
  },
  {
    layout: "WebOrganizer",
    write: writeWebOrganizer,
    expected: {
      ...ofDclm,
      label: "17",
      scores: {
        fasttext_openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train_prob: 0.25,
        "scores_fineweb-edu": 2.5,
      },
    },
  },
  {
    layout: "dolma",
    write: writeDolma,
    expected: {
      id: "doc-0",
      url: "https://a.example/0",
      language: "en",
      label: "common-crawl",
      scores: { gopher__gopher_v1__word_count: 5, gopher__lines__symbols: 3 },
    },
  },
  {
    layout: "C4",
    write: gz("en/c4-train.00000-of-01024.json.gz", (text) => ({
      text,
      timestamp: "2019-04-25T12:57:54Z",
      url: "https://a.example",
    })),
    expected: { id: null, url: "https://a.example" },
  },
  {
    layout: "RedPajama-1T",
    write: zstd("arxiv/arxiv_1.jsonl.zst", (text) => ({
      text,
      meta: { url: "https://a.example", language: "en" },
      red_pajama_subset: "arxiv",
    })),
    expected: { url: "https://a.example", language: "en", label: "arxiv" },
  },
  {
    layout: "RedPajama-1T",
    write: gz("sample.jsonl.gz", (text) => ({
      text,
      meta: JSON.stringify({ url: "https://a.example" }),
      red_pajama_subset: "c4",
    })),
    expected: { url: "https://a.example", label: "c4" },
  },
  {
    layout: "RedPajama-V2",
    write: writeRedPajama2,
    expected: {
      id: "sha1:0",
      url: "https://a.example/0",
      language: "en",
      scores: { ccnet_perplexity: 200.5, language_score: 0.9, perplexity: 200, rps_doc_word_count: 5 },
    },
  },
  {
    layout: "SlimPajama",
    write: zstd("train/chunk1/example_train_0.jsonl.zst", (text) => ({
      text,
      meta: { redpajama_set_name: "RedPajamaWikipedia" },
    })),
    expected: { label: "RedPajamaWikipedia" },
  },
  {
    layout: "ClimbMix",
    write: gz("part_0.tokenized.jsonl", (text) => ({ cluster_id: 4, tokens: ids(text), token_count: 8 })),
    expected: { label: "4" },
  },
  {
    layout: "ClimbMix",
    write: parquet("climbmix_small/shard_0.tokenized.parquet", "*", (text) => ({
      cluster_id: 4,
      tokens: ids(text),
      token_count: 8,
    })),
    expected: { label: "4" },
  },
  {
    layout: "ClimbLab",
    write: parquet("cluster_7/cluster_7_000.tokenized.parquet", "*", (text) => ({ tokens: ids(text) })),
    expected: { label: "7", metadata: { cluster: "7" } },
  },
  {
    layout: "Parquet",
    write: parquet("shard_00000.parquet", "text", (text) => ({ text })),
    expected: { id: null },
  },
  {
    layout: "datatrove",
    write: gz("00000.jsonl.gz", (text, index) => ({
      text,
      id: `id-${index}`,
      metadata: { url: "https://a.example", language: "en", language_score: 0.9, token_count: 3 },
    })),
    expected: {
      id: "id-0",
      url: "https://a.example",
      language: "en",
      scores: { "metadata.language_score": 0.9 },
    },
  },
  {
    layout: "datatrove",
    write: parquet("00000.parquet", "*", (text, index) => ({
      text,
      id: `id-${index}`,
      metadata: { url: "https://a.example", language_score: 0.9 },
    })),
    expected: { id: "id-0", url: "https://a.example", scores: { "metadata.language_score": 0.9 } },
  },
  {
    layout: "NeMo Curator CLIMB",
    write: parquet("computed_embeddings/part.0.parquet", "*", curated),
    expected: { id: "0", vector: [1, 0.5, -2] },
  },
  {
    layout: "NeMo Curator CLIMB",
    write: writeCurator,
    expected: { id: "0", label: "12", metadata: { centroid: "12" }, vector: [1, 0.5, -2] },
  },
  {
    layout: "NeMo Curator CLIMB",
    write: writeCuratorPruned,
    expected: {
      id: "0",
      label: "3",
      metadata: { centroid: "3" },
      vector: [1, 0.5, -2],
      scores: { edu_score: 1.5, quality_score: 3 },
    },
  },
  {
    layout: "JSON lines",
    write: gz("a.ndjson.gz", (story, index) => ({ uid: index, story, kind: "x" })),
    expected: { id: "0" },
  },
].map((fixture) => ({ ...fixture, expected: { text, ...fixture.expected } }));
