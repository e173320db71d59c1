/**
 * `climb propose RUN` and `climb tell RUN FILE`: the search for whoever trains the proxies elsewhere. RUN is a run's folder; its
 * config decides the domains, the constraints and who proposes. Everything said is kept in RUN/search/.
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writeFileAtomic } from "../../pipeline/core/atomic-file.ts";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import { hashJson } from "../../pipeline/core/hash.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import { withLock } from "../../pipeline/core/run-lock.ts";
import { DomainTable } from "../../pipeline/schema/domain.ts";
import { AskLedger, parseLines, Told } from "../../pipeline/search/ask-ledger.ts";
import { advise, ask, awaitsNatural, type Dialogue, tell, trialsOf } from "../../pipeline/search/ask-tell.ts";
import { climb } from "../climb.ts";
import { createExecutor, workersOf } from "./create-executor.ts";
import { readOutsideWeights, searchSetting, type SearchSetting } from "../parts/search-setting.ts";
import { terminalProgress } from "./terminal.ts";

export interface ProposeOptions {
  readonly number: number;
  /** Propose nothing new: what was proposed and not answered. */
  readonly pending?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function proposeCommand(
  run: string,
  options: ProposeOptions,
  signal: AbortSignal,
): Promise<void> {
  const proposals = await withDialogue(run, options, signal, async (dialogue, { given }) =>
    options.pending === true ? dialogue.ledger.pending() : ask(dialogue, options.number, given),
  );
  const lines = proposals.map((proposal) => `${JSON.stringify(proposal)}\n`).join("");
  process.stdout.write(options.json === true ? `${JSON.stringify(proposals)}\n` : lines);
}

export interface TellOptions {
  readonly replace?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function tellCommand(
  run: string,
  file: string,
  options: TellOptions,
  signal: AbortSignal,
): Promise<void> {
  const results = parseLines(await readFile(file, "utf8"), file, Told);
  const said = await withDialogue(run, options, signal, async (dialogue) => {
    const telling = await tell(dialogue, results, file, options.replace ?? false);
    const trials = trialsOf(dialogue);
    const advice = advise(dialogue, trials);
    const to = join(resolve(run), "search", "advice.json");
    if (advice !== null) await writeFileAtomic(to, `${JSON.stringify(advice, undefined, 2)}\n`);
    const awaits = awaitsNatural(dialogue, trials);
    const measured = trials.map(({ objective }) => objective);
    return {
      ...telling,
      trials: measured.length,
      pending: dialogue.ledger.pending().length,
      bestMeasured: measured.length === 0 || awaits ? null : Math.min(...measured),
      advice,
      wrote: advice === null ? null : to,
      awaitsNatural: awaits,
    };
  });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(said)}\n`);
    return;
  }
  const { told, repeated, trials, pending, bestMeasured, advice, wrote } = said;
  const lines = [
    `${told} results taken, ${repeated} known already; ${trials} measured in all, ${pending} pending`,
    ...(bestMeasured === null ? [] : [`best measured: ${bestMeasured.toFixed(4)}`]),
    advice === null
      ? said.awaitsNatural
        ? "the natural mixture, which the worst target is measured against, has no result yet"
        : "too few results yet to say which mixture to train on"
      : `the mixture to train on by now: predicted ${advice.predicted.toFixed(4)} (${advice.predictor.predictor}, ` +
        `cross-validated Spearman ${advice.predictor.spearman.toFixed(3)}); not confirmed under fresh seeds`,
    ...(wrote === null ? [] : [`wrote\n  ${wrote}`]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** One dialogue at a time, about domains that are those it began with. */
async function withDialogue<Result>(
  run: string,
  { quiet }: { readonly quiet?: boolean },
  signal: AbortSignal,
  work: (dialogue: Dialogue, setting: SearchSetting) => Promise<Result>,
): Promise<Result> {
  const runDir = resolve(run);
  const path = join(runDir, "config.resolved.yaml");
  await readFile(path).catch((cause: unknown) => {
    throw new InputError(
      `${path} is not there`,
      "RUN is the folder of a run: npx climb domains CONFIG makes one",
      {
        cause,
      },
    );
  });
  const config = await loadConfig(path, []);
  if (config.search.cheaper.length > 0) {
    throw new ConfigError(
      "search.cheaper names proxies of several costs, and propose and tell speak of one alone",
      "leave search.cheaper out, or let climb run train them: a proxy may be an external trainer",
    );
  }
  const dir = join(runDir, "search");
  return withLock(join(dir, "lock"), async () => {
    const workers = workersOf(config.workers);
    const made = await climb(
      config,
      {
        artifactsDir: resolve("data", "artifacts"),
        executor: createExecutor(config, workers),
        workers,
        progress: terminalProgress(quiet),
        signal,
      },
      "domains",
    );
    const { domains } = DomainTable.parse(
      JSON.parse(await readFile(made.domains!.path("domains.json"), "utf8")),
    );
    await keepDomains(
      join(dir, "domains.json"),
      made.domains!.fingerprint,
      domains.map(({ id }) => id),
    );
    const setting = searchSetting(
      domains,
      config.budget,
      config.search,
      await readOutsideWeights(config.search),
    );
    const dialogue: Dialogue = {
      ledger: await AskLedger.open(dir),
      domains: domains.map(({ id }) => id),
      targets: config.targets.map(({ name, weight }) => ({ name, weight })),
      space: setting.space,
      proposer: setting.proposer,
      search: config.search,
      seed: config.seed,
    };
    return work(dialogue, setting);
  });
}

/** Proposals are about domains; answers to those of other domains would be nonsense. */
async function keepDomains(path: string, fingerprint: string, domains: readonly string[]): Promise<void> {
  const now = `${JSON.stringify({ domains, fingerprint, sha256: hashJson({ domains, fingerprint }) })}\n`;
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === undefined) return writeFileAtomic(path, now);
  if (before === now) return undefined;
  throw new ConfigError(
    `${path} is of other domains than the run's config makes now`,
    "propose and tell in a new run (--out), or bring the config and the corpus back to what they were",
  );
}
