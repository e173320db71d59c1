import type { ClusterQuality, Crossing, Domain, DomainTable } from "../schema/domain.ts";
import type { ManifestDomain } from "../schema/manifest.ts";
import { dendrogramChart } from "./dendrogram.ts";
import { compact, count, percent, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { bar, section, table } from "./layout.ts";
import type { ReportInput } from "./report-input.ts";
import { isAtCap } from "./verdict-section.ts";
import { weightsChart } from "./weights-chart.ts";

/** What each domain is about, what it weighs and how often the training run will see it. */
export function domainSection({ manifest, domains, search }: ReportInput): Html {
  const described = new Map(domains.domains.map((domain) => [domain.id, domain]));
  const widest = Math.max(...manifest.domains.flatMap(({ weight, naturalShare }) => [weight, naturalShare]));
  const byWeight = [...manifest.domains].sort(
    (left, right) => right.weight - left.weight || right.naturalShare - left.naturalShare,
  );
  const rows = byWeight.map((domain) => [
    html`<strong>${domain.name}</strong>
      <code class="muted">${domain.id}</code>${about(described.get(domain.id))}`,
    html`${compact(domain.tokens)}<small>${plural(domain.documents, "document")}</small>`,
    percent(domain.naturalShare),
    html`<strong>${percent(domain.weight)}</strong
      >${bar(domain.weight / widest, domain.naturalShare / widest)}`,
    change(domain),
    flat(domain),
    epochs(domain),
  ]);
  return section(
    "domains",
    "The domains and their weights",
    html`The weight is a domain's share of the ${compact(manifest.budget.targetTokens)} training tokens; the
    tick on its bar is the natural share, and no domain may be repeated more than ${manifest.budget.maxEpochs}
    times.`,
    weightsChart(manifest, search.maxWeights),
    table(
      [
        { title: html`Domain<small>open one for examples</small>`, className: "wide" },
        { title: "Tokens", numeric: true },
        { title: "Natural", numeric: true },
        { title: "Weight", numeric: true, className: "barred" },
        { title: "Change", numeric: true },
        { title: html`As good<small>within noise</small>`, numeric: true },
        { title: "Epochs", numeric: true, className: "barred" },
      ],
      rows,
    ),
    domains.crossed && html`${domains.crossed.by.map(crossingNote)}`,
    dendrogramChart(domains),
    domains.quality && qualityNote(domains.quality),
    domains.duplicates && duplicateTable(domains),
  );
}

/** By what the topics were parted, and what was too small for a part of its own. */
function crossingNote({
  by,
  buckets,
  bounds,
  parts,
  joinedParts,
  joinedDocuments,
  joinedTokens,
}: Crossing): Html {
  return html`<p class="note">
    Crossed with <code>${by}</code> (${buckets.join(", ")}${
      bounds !== undefined &&
      bounds.length > 0 &&
      html`; they begin at ${bounds.map((bound) => +bound.toPrecision(4)).join(", ")}`
    }):
    ${plural(parts, "part")}, of which ${count(joinedParts)} were too small and joined others of their domain
    (${plural(joinedDocuments, "document")}, ${compact(joinedTokens)} tokens).
  </p>`;
}

/** Near duplicates by embedding, domain by domain. */
function duplicateTable({ domains, duplicates }: DomainTable): Html {
  const { minCosine, dropped, acrossClusters, byDomain } = duplicates!;
  return html`<details>
    <summary>Near duplicates by embedding, ${dropped ? "dropped" : "left where they are"}</summary>
    ${table(
      [
        { title: "Domain", className: "wide" },
        { title: "Duplicates", numeric: true },
        { title: "Their tokens", numeric: true },
      ],
      domains.map(({ name }, i) => [name, count(byDomain[i]!.documents), compact(byDomain[i]!.tokens)]),
    )}
    <p class="note">
      Documents with a cosine of at least ${minCosine} to an earlier one; the original of
      ${count(acrossClusters)} of them is in another cluster.
    </p>
  </details> `;
}

/** How even the groups are, and how they agree with what the corpus says of its documents. */
function qualityNote({ imbalance, stability, agreement }: ClusterQuality): Html {
  return html`<p class="note">
    Imbalance of the sizes (1 if all are equal): clusters ${imbalance.clusters.toFixed(2)}, domains
    ${imbalance.domains.toFixed(2)}.${
      stability !== undefined &&
      html` Another seed puts ${plural(stability.documents, "document")} into the same clusters to an NMI of
      ${stability.nmi.toFixed(3)}, an ARI of ${stability.ari.toFixed(3)}.`
    }${agreement.map(
      ({ column, of, labels, purity, nmi, ari }) =>
        html` The ${of} and the ${labels} values of <code>${column}</code>: purity ${purity.toFixed(3)}, NMI
          ${nmi.toFixed(3)}, ARI ${ari.toFixed(3)}.`,
    )}
  </p>`;
}

function change({ weight, naturalShare }: ManifestDomain): Html {
  if (weight === 0) return html`<span class="down">left out</span>`;
  if (naturalShare === 0) return html``;
  const ratio = weight / naturalShare;
  const direction = ratio > 1.05 ? "up" : ratio < 0.95 ? "down" : "muted";
  return html`<span class="${direction}">× ${ratio.toFixed(2)}</span>`;
}

function flat({ weightRange }: ManifestDomain): Html | null {
  if (weightRange === undefined) return null;
  return html`<small>${percent(weightRange.low)} to ${percent(weightRange.high)}</small>`;
}

function epochs(domain: ManifestDomain): Html {
  return html`${domain.epochs.toFixed(2)}
    <span class="muted">of ${domain.maxEpochs}</span>
    ${bar(domain.epochs / domain.maxEpochs, undefined, isAtCap(domain) ? "capped" : "quiet")}`;
}

function about(domain: Domain | undefined): Html | null {
  if (domain === undefined) return null;
  const sources = Object.entries(domain.sources).map(([source, share]) => `${source} ${percent(share)}`);
  const scores = Object.entries(domain.scores).map(([score, mean]) => `${score} ${mean.toFixed(2)}`);
  return html`<details class="about">
    <summary>${domain.keywords.join(" · ")}</summary>
    ${domain.representatives.map(
      ({ excerpt, source, id }) =>
        html`<blockquote dir="auto">
          ${excerpt}<cite>${source} <code>${id}</code></cite>
        </blockquote> `,
    )}
    <p class="note">
      ${plural(domain.clusters.length, "cluster")} · sources: ${sources.join(", ")} · mean scores:
      ${scores.join(", ")} · ${count(domain.bytes)} bytes
    </p>
  </details>`;
}
