/** A process that runs searches of one oracle and sends their traces: node search-worker.js, then one message. */
import { makeOracle, type OracleName } from "./make-oracle.ts";
import { methods } from "./methods.ts";
import { runSearch, type Trace } from "./run-search.ts";

export interface SearchTask {
  readonly oracle: OracleName;
  readonly folder: string;
  readonly methods: readonly string[];
  readonly seeds: readonly string[];
}

export interface SearchAnswer {
  readonly method: string;
  readonly traces: readonly Trace[];
}

process.once("message", (task: SearchTask) => {
  void work(task).then(
    (answers) => process.send!(answers, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function work({ oracle: name, folder, methods: names, seeds }: SearchTask): Promise<SearchAnswer[]> {
  const oracle = await makeOracle(name, folder);
  const answers: SearchAnswer[] = [];
  for (const method of methods.filter((candidate) => names.includes(candidate.name))) {
    const traces: Trace[] = [];
    for (const seed of seeds) traces.push(await runSearch(oracle, method, seed));
    answers.push({ method: method.name, traces });
  }
  return answers;
}
