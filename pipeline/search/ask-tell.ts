/** The search as a dialogue: any scheduler may ask for mixtures and tell what they measured, in any order. */
import { InputError } from "../core/errors.ts";
import { Random } from "../math/random.ts";
import { chooseObjective, type FittedObjective } from "../predictor/choose.ts";
import type { SearchConfig } from "../schema/search-config.ts";
import { type Answer, type AskLedger, type Proposal, proposalId, type Told } from "./ask-ledger.ts";
import { scoreTrials } from "./score.ts";
import type { Mixture, MeasuredTrial, Proposer, SearchSpace } from "./proposer.ts";

export interface Dialogue {
  readonly ledger: AskLedger;
  /** Ids of the domains, in the order of the weights. */
  readonly domains: readonly string[];
  readonly targets: readonly { readonly name: string; readonly weight: number }[];
  readonly space: SearchSpace;
  readonly proposer: Proposer;
  readonly search: Pick<SearchConfig, "predictors" | "folds" | "guards" | "objective">;
  readonly seed: number;
}

/** Below this many answers proposals are as blind as a first round. */
const fewestAnswers = 4;

/** Up to `count` new proposals, what is pending taken for measured as predicted; recorded before they are returned. */
export async function ask(
  dialogue: Dialogue,
  count: number,
  given: readonly { readonly name: string; readonly mixture: Mixture }[],
): Promise<Proposal[]> {
  const { ledger, domains, space, proposer } = dialogue;
  const toProposal = (mixture: Mixture, by: string): Proposal => ({
    id: proposalId(mixture),
    by,
    weights: Object.fromEntries(domains.map((domain, i) => [domain, mixture[i]!])),
  });
  const known = new Set(ledger.proposals.keys());
  // The worst case is measured against natural, so that comes before anything else.
  const natural = { name: "natural", mixture: space.natural };
  const ready = [...(dialogue.search.objective === "worst" ? [natural] : []), ...given]
    .map(({ name, mixture }) => toProposal(mixture, name))
    .filter(({ id }, i, all) => !known.has(id) && all.findIndex((other) => other.id === id) === i)
    .slice(0, count);
  // One stream for each number of proposals made: asked again after an interruption, it proposes the same.
  const random = new Random(dialogue.seed).fork(`ask/${known.size}`);
  // A mixture that failed stays unmeasured for good, and must not be proposed again.
  const trials = trialsOf(dialogue);
  const open = [...ledger.proposals.values()].filter(({ id }) => ledger.answers.get(id)?.losses == null);
  const proposed = proposer.propose(
    {
      space,
      trials,
      pending: [...open, ...ready].map(({ weights }) => toMixture(weights, domains)),
      predictor: fitAnswers(dialogue, trials),
      targets: dialogue.targets.map(({ name }) => name),
      guards: dialogue.search.guards,
    },
    count - ready.length,
    random,
  );
  const proposals = [...ready, ...proposed.map((mixture) => toProposal(mixture, proposer.name))];
  await ledger.propose(proposals);
  return proposals;
}

export interface Telling {
  readonly told: number;
  /** Said before, in the same words. */
  readonly repeated: number;
}

/**
 * Takes all results or none.
 *
 * @param path of the results, for messages
 * @throws InputError for a result without id and weights, of a mixture nobody proposed, without one of the targets' losses, or that
 * contradicts what was told before (unless `replace`)
 */
export async function tell(
  dialogue: Dialogue,
  results: readonly Told[],
  path: string,
  replace: boolean,
): Promise<Telling> {
  const { ledger, targets } = dialogue;
  const outside: Proposal[] = [];
  const answers: Answer[] = [];
  let repeated = 0;
  for (const [index, result] of results.entries()) {
    const where = `${path}, result ${index + 1}`;
    const id = identify(result, dialogue, where, outside);
    if ((result.losses === undefined) === (result.failed === undefined)) {
      throw new InputError(`${where} should have either losses or failed`, "nothing of the file was taken");
    }
    const missing = targets.find(
      ({ name }) => result.losses !== undefined && !Number.isFinite(result.losses[name]),
    );
    if (missing !== undefined) {
      throw new InputError(
        `${where} has no loss of target "${missing.name}"`,
        "nothing of the file was taken",
      );
    }
    const losses =
      result.losses === undefined
        ? null
        : Object.fromEntries(targets.map(({ name }) => [name, result.losses![name]!]));
    const answer: Answer = { id, losses, failed: result.failed ?? null };
    const before = answers.find((other) => other.id === id) ?? ledger.answers.get(id);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(answer)) {
      repeated++;
    } else if (before !== undefined && before.losses !== null && !replace) {
      throw new InputError(
        `${where}: ${id} was told before, with ${JSON.stringify(before.losses)}`,
        "give --replace to take the new figures; nothing of the file was taken",
      );
    } else {
      answers.push(answer);
    }
  }
  // Proposals first: an answer without its proposal would not be understood.
  if (outside.length > 0) await ledger.propose(outside);
  if (answers.length > 0) await ledger.answer(answers);
  return { told: answers.length, repeated };
}

export interface Advice {
  readonly weights: Record<string, number>;
  readonly predicted: number;
  /** Standard deviation of the prediction, where the predictor states one. */
  readonly deviation: number | null;
  readonly trials: number;
  readonly proposer: string;
  readonly predictor: FittedObjective["scores"][number];
}

/** The mixture to train on by what was told so far; nothing while that is too little. */
export function advise(dialogue: Dialogue, trials: readonly MeasuredTrial[]): Advice | null {
  const { domains, space, proposer, targets, search } = dialogue;
  const predictor = fitAnswers(dialogue, trials);
  if (predictor === undefined) return null;
  const names = targets.map(({ name }) => name);
  const mixture = proposer.recommend(
    { space, trials, pending: [], predictor, targets: names, guards: search.guards },
    new Random(dialogue.seed).fork(`advice/${trials.length}`),
  );
  return {
    weights: Object.fromEntries(domains.map((domain, i) => [domain, mixture[i]!])),
    predicted: predictor.objective(mixture),
    deviation: predictor.objectiveWithDeviation?.(mixture).deviation[0] ?? null,
    trials: trials.length,
    proposer: proposer.name,
    predictor: predictor.scores.find(({ predictor: name }) => name === predictor.chosen)!,
  };
}

/** What was told, as trials. */
export function trialsOf(dialogue: Dialogue): MeasuredTrial[] {
  const { ledger, domains, targets } = dialogue;
  const trials = [...ledger.answers.values()].flatMap(({ id, losses }) => {
    if (losses === null) return [];
    return {
      key: id,
      weights: [...toMixture(ledger.proposals.get(id)!.weights, domains)],
      losses: targets.map(({ name }) => ({ target: name, loss: losses[name]! })),
      objective: Number.NaN,
    };
  });
  return scoreTrials(trials, targets, naturalLosses(dialogue, trials));
}

/** Whether the natural mixture's losses, against which the worst case is measured, are still to be told. */
export function awaitsNatural(dialogue: Dialogue, trials: readonly MeasuredTrial[]): boolean {
  return dialogue.search.objective === "worst" && naturalLosses(dialogue, trials) === undefined;
}

function naturalLosses(
  { search, space }: Dialogue,
  trials: readonly MeasuredTrial[],
): MeasuredTrial["losses"] | undefined {
  if (search.objective === "mean") return undefined;
  return trials.find(({ key }) => key === proposalId(space.natural))?.losses;
}

function fitAnswers(dialogue: Dialogue, trials: readonly MeasuredTrial[]): FittedObjective | undefined {
  if (trials.length < fewestAnswers || awaitsNatural(dialogue, trials)) return undefined;
  return chooseObjective({
    trials,
    targetWeights: new Map(dialogue.targets.map(({ name, weight }) => [name, weight])),
    reference: naturalLosses(dialogue, trials),
    candidates: dialogue.search.predictors,
    folds: dialogue.search.folds,
    random: new Random(dialogue.seed).fork(`ask/fit/${trials.length}`),
  });
}

/** The proposal a result is of; one that was only told of is added to `outside`. */
function identify(
  { id, weights }: Told,
  { ledger, domains }: Dialogue,
  where: string,
  outside: Proposal[],
): string {
  if (id !== undefined) {
    if (ledger.proposals.has(id)) return id;
    throw new InputError(
      `${where}: nobody proposed ${id}`,
      "give its weights instead of an id, if it is an outside run",
    );
  }
  if (weights === undefined) throw new InputError(`${where} has neither id nor weights`, "give one of them");
  const unknown = Object.keys(weights).find((domain) => !domains.includes(domain));
  if (unknown !== undefined) {
    throw new InputError(`${where}: "${unknown}" is no domain`, `the domains are ${domains.join(", ")}`);
  }
  const mixture = toMixture(weights, domains);
  const sum = mixture.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > 1e-3) {
    throw new InputError(`${where}: its weights sum to ${sum}, not to 1`, "give token shares");
  }
  const own = proposalId(mixture);
  if (!ledger.proposals.has(own) && !outside.some((proposal) => proposal.id === own)) {
    outside.push({
      id: own,
      by: "outside",
      weights: Object.fromEntries(domains.map((name, i) => [name, mixture[i]!])),
    });
  }
  return own;
}

function toMixture(weights: Readonly<Record<string, number>>, domains: readonly string[]): Mixture {
  return Float64Array.from(domains, (domain) => weights[domain] ?? 0);
}
