/** The made-up domain table of the search fixture. */
import type { Random } from "../../pipeline/math/random.ts";
import { normalise } from "../../pipeline/math/simplex.ts";
import { type Domain, DomainTable } from "../../pipeline/schema/domain.ts";

const topics: readonly (readonly [string, readonly string[], string])[] = [
  [
    "government, committee, policy",
    ["government", "committee", "policy", "public", "federal"],
    "The committee met in closed session on Tuesday to consider the revised estimates for the coming fiscal year, and",
  ],
  [
    "function, returns, parameter",
    ["function", "returns", "parameter", "default", "callback"],
    "Returns a new array with the elements that pass the test. If no element passes, an empty array is returned <code>[]</code>",
  ],
  [
    "said, asked, eyes",
    ["said", "asked", "eyes", "door", "looked"],
    "She put the lamp down on the table and looked at him for a long moment before she said anything at all. It was",
  ],
  [
    "patient, treatment, clinical",
    ["patient", "treatment", "clinical", "dose", "blood"],
    "In eleven of the patients the reaction was observed within forty minutes of the second dose, without change in",
  ],
  [
    "offer, click, free",
    ["offer", "click", "free", "email", "order"],
    "You have been SELECTED to receive a free trial. Click below to order now & save 50% on your first month",
  ],
  [
    "server, install, linux",
    ["server", "install", "linux", "package", "kernel"],
    "After the last upgrade the server stopped answering on port 110; the package seems to install its own init script and",
  ],
  [
    "church, god, faith",
    ["church", "god", "faith", "prayer", "christian"],
    "The congregation had grown beyond what the little stone church could hold, and the vestry spoke of building again",
  ],
  [
    "stream, buffer, encoding",
    ["stream", "buffer", "encoding", "bytes", "chunk"],
    "When the internal buffer is full, write() returns false and the caller should wait for the drain event before",
  ],
  [
    "team, season, game",
    ["team", "season", "game", "players", "league"],
    "With two men on and the count full he lined the next pitch over second, and the team had its first lead of the season",
  ],
  [
    "congress, american, freedom",
    ["congress", "american", "freedom", "nation", "world"],
    "We must act together as a nation, and I ask the Congress to join with me in this work before the year is out",
  ],
  [
    "music, orchestra, concert",
    ["music", "orchestra", "concert", "piano", "audience"],
    "The second movement was taken rather slower than the score asks, which let the woodwinds of the orchestra be heard",
  ],
  [
    "matrix, vector, linear",
    ["matrix", "vector", "linear", "equation", "values"],
    "Let A be a symmetric matrix with distinct eigenvalues; then the vectors so obtained are orthogonal, and any vector in",
  ],
  [
    "river, water, county",
    ["river", "water", "county", "land", "road"],
    "Below the dam the river runs between low banks for some nine miles, and the county road follows it on the north side",
  ],
  [
    "license, copyright, software",
    ["license", "copyright", "software", "warranty", "notice"],
    "Permission is granted to use, copy and modify this software, provided that the above copyright notice appears in",
  ],
  [
    "price, market, shares",
    ["price", "market", "shares", "company", "quarter"],
    "Shares of the company closed a point and a half lower after it said third quarter earnings would fall short of what",
  ],
];

export function makeDomains(count: number, prune: boolean, random: Random): DomainTable {
  const domains: Domain[] = [];
  const clusters: DomainTable["clusters"] = [];
  const sizes = Array.from({ length: count }, () => Math.exp(0.8 * random.normal()));
  const shares = normalise(sizes);
  for (const [i, share] of shares.entries()) {
    const [name, keywords, excerpt] = topics[i % topics.length]!;
    const id = `domain_${i}`;
    const tokens = Math.round(share * 1_150_000);
    const documents = Math.max(3, Math.round(tokens / (180 + 900 * random.uniform())));
    const scores = { quality: 3 + random.uniform() * 1.8, advertisement: 4.9 - random.uniform() };
    const members = 1 + random.below(5);
    domains.push({
      id,
      name: i < topics.length ? name : `${name} ${i}`,
      keywords: [...keywords],
      representatives: ["brown", "docs", "spam"].map((source, n) => ({
        id: `${id}-${n}`,
        source,
        excerpt: `${excerpt}…`,
      })),
      clusters: Array.from({ length: members }, (_, n) => clusters.length + n),
      documents,
      tokens,
      bytes: Math.round(tokens * 4.31),
      naturalShare: 0,
      sources: { brown: 0.5, docs: 0.3, spam: 0.2 },
      scores,
    });
    const documentParts = split(documents, members);
    split(tokens, members).forEach((part, n) =>
      clusters.push({
        cluster: clusters.length,
        documents: documentParts[n]!,
        tokens: part,
        scores: {
          quality: scores.quality + 0.2 * random.normal(),
          advertisement: Math.min(5, scores.advertisement + 0.1 * random.normal()),
        },
        domain: id,
        droppedBy: null,
      }),
    );
  }
  const total = domains.reduce((sum, { tokens }) => sum + tokens, 0);
  for (const domain of domains) domain.naturalShare = domain.tokens / total;
  const rules: DomainTable["rules"] = [];
  if (prune) {
    for (let i = 0; i < 9; i++) {
      const byQuality = i % 3 !== 0;
      clusters.push({
        cluster: clusters.length,
        documents: 4 + random.below(60),
        tokens: 600 + random.below(24_000),
        scores: {
          quality: byQuality ? 1.2 + 1.3 * random.uniform() : 3.1,
          advertisement: byQuality ? 4.4 : 2.2 + random.uniform(),
        },
        domain: null,
        droppedBy: byQuality ? "quality" : "advertisement",
      });
    }
    const droppedBy = (score: string) => clusters.filter((cluster) => cluster.droppedBy === score);
    for (const [score, minMean] of [
      ["quality", 2.61],
      ["advertisement", 3.3],
    ] as const) {
      const dropped = droppedBy(score);
      rules.push({
        score,
        minMean,
        threshold: "quantile",
        dropLowestShare: 0.1,
        droppedClusters: dropped.length,
        droppedDocuments: dropped.reduce((sum, { documents }) => sum + documents, 0),
        droppedTokens: dropped.reduce((sum, { tokens }) => sum + tokens, 0),
      });
    }
  }
  clusters.push({
    cluster: clusters.length,
    documents: 0,
    tokens: 0,
    scores: {},
    domain: null,
    droppedBy: null,
  });
  return DomainTable.parse({ rules, clusters, domains });
}

/** Integers as equal as possible that sum to `total`. */
function split(total: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * total) / parts) - Math.floor((i * total) / parts),
  );
}
