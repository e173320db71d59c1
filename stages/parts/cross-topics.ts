/** The part of the domains stage that crosses topics with quality buckets, sources or labels. */
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { type Buckets, crossDomains } from "../../pipeline/domains/cross-domains.ts";
import { labelIds, tableOfLabels } from "../../pipeline/domains/label-ids.ts";
import { quantileBounds, scoreBuckets } from "../../pipeline/domains/score-buckets.ts";
import type { Crossing, Domain, Topic } from "../../pipeline/schema/domain.ts";
import type { CrossConfig } from "../../pipeline/schema/domains-config.ts";
import type { IngestResult } from "../ingest.ts";
import { readColumn } from "./corpus-columns.ts";

interface Part {
  /** Index of the topic. */
  readonly topic: number;
  readonly id: string;
  readonly name: string;
}

interface CrossedTopics {
  /** The domains to be, by topic. */
  readonly parts: readonly Part[];
  /** Index of each row's domain; -1 for none. */
  readonly rowDomain: Int32Array;
  readonly account: { topics: Topic[]; by: Crossing[] };
  /** For people. */
  readonly notes: readonly string[];
}

/**
 * @param topics named, with their clusters
 * @throws ConfigError if there is no such score
 * @throws InputError if no document has a label
 */
export async function crossTopics(
  steps: readonly CrossConfig[],
  minShare: number,
  input: {
    readonly corpus: Artifact<IngestResult>;
    readonly topics: readonly Domain[];
    /** Index of each row's topic; -1 for none. */
    readonly rowTopic: Int32Array;
    readonly tokens: Uint32Array;
    readonly scores: ReadonlyMap<string, Float64Array>;
  },
): Promise<CrossedTopics> {
  const { corpus, topics, rowTopic, tokens, scores } = input;
  const minTokens = minShare * topics.reduce((sum, topic) => sum + topic.tokens, 0);
  const by: Crossing[] = [];
  const notes: string[] = [];
  let parts: Part[] = topics.map(({ id, name }, topic) => ({ topic, id, name }));
  let rowDomain = rowTopic;
  for (const step of steps) {
    const { name, buckets, bounds } =
      "score" in step
        ? bucketsOfScore(step, { rowDomain, tokens, scores })
        : { ...(await bucketsOfColumn(corpus, step.column)), bounds: undefined };
    const before = parts;
    const used = new Set<number>();
    rowDomain.forEach((domain, row) => domain >= 0 && used.add(buckets.rowBucket[row]!));
    const found = crossDomains({ rowDomain, tokens, domains: before.length }, buckets, minTokens);
    rowDomain = found.rowPart;
    parts = found.parts.map(({ of, id }) => {
      const whole = before[of]!;
      return id === "" ? whole : { ...whole, id: `${whole.id}.${id}`, name: `${whole.name} (${id})` };
    });
    const { joined } = found;
    by.push({
      by: name,
      buckets: buckets.ids.filter((_, bucket) => used.has(bucket)),
      ...(bounds !== undefined && { bounds }),
      parts: found.before,
      joinedParts: joined.parts,
      joinedDocuments: joined.documents,
      joinedTokens: joined.tokens,
    });
    notes.push(
      `${before.length} domains crossed with ${name}: ${found.before} parts, of which ${joined.parts} with less than ${+(100 * minShare).toFixed(3)} % of the tokens (${joined.documents} documents, ${joined.tokens} tokens) joined others of their domain; ${parts.length} domains`,
    );
  }
  const account = {
    topics: topics.map(({ id, name, keywords, clusters, naturalShare }, topic) => ({
      id,
      name,
      keywords,
      clusters,
      naturalShare,
      domains: parts.filter((part) => part.topic === topic).map((part) => part.id),
    })),
    by,
  };
  return { parts, rowDomain, account, notes };
}

function bucketsOfScore(
  { score, buckets, bounds }: Extract<CrossConfig, { score: string }>,
  rows: {
    readonly rowDomain: Int32Array;
    readonly tokens: Uint32Array;
    readonly scores: ReadonlyMap<string, Float64Array>;
  },
): { name: string; buckets: Buckets; bounds: number[] } {
  const values = rows.scores.get(score);
  if (values === undefined) {
    throw new ConfigError(
      `domains.cross: there is no score '${score}'`,
      `take one of ${[...rows.scores.keys()].join(", ")}, or name its column in corpus.sources[].scores`,
    );
  }
  const found = bounds ?? quantileBounds(values, rows, buckets);
  return { name: score, buckets: scoreBuckets(values, found), bounds: [...found] };
}

async function bucketsOfColumn(
  corpus: Artifact<IngestResult>,
  column: "source" | "label",
): Promise<{ name: string; buckets: Buckets }> {
  const { labels, rowLabel } = tableOfLabels((await readColumn(corpus, column)) as (string | null)[], column);
  // A document without a label has no bucket of its own to be silently left out of.
  const ids = labelIds([...labels, "unlabelled"]);
  return { name: column, buckets: { ids, ordered: false, rowBucket: rowLabel } };
}
