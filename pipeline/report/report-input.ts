import type { DomainTable } from "../schema/domain.ts";
import type { Manifest } from "../schema/manifest.ts";
import type { Recluster } from "../schema/recluster.ts";
import type { SearchResult } from "../schema/search.ts";

interface Counts {
  readonly documents: number;
  readonly tokens: number;
  readonly bytes: number;
}

/** What ingestion and the holdout counted. */
export interface CorpusAccount extends Counts {
  /** Records left out, duplicates among them, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly bySource: Readonly<Record<string, Counts>>;
  /** Near duplicates of target documents. */
  readonly removedDocuments: number;
}

interface TargetAccount {
  readonly name: string;
  /** Groups of near duplicates, which are never split between the sides. */
  readonly groups: number;
  readonly select: Counts;
  readonly confirm: Counts;
}

interface ClusteringAccount {
  readonly clusters: number;
  /** Sum of squared distances after each pass. */
  readonly iterations: readonly { readonly inertia: number }[];
  /** Where the domains were given with the corpus. */
  readonly labels?: readonly string[] | undefined;
}

export interface ReportInput {
  readonly manifest: Manifest;
  readonly domains: DomainTable;
  readonly search: SearchResult;
  readonly corpus: CorpusAccount;
  readonly targets: readonly TargetAccount[];
  readonly clustering: ClusteringAccount;
  /** Of a run that went on from an earlier one. */
  readonly recluster?: Recluster;
}
