/**
 * What was proposed to the world and what the world answered: two files of JSON lines, each replaced as a whole, so that an
 * interruption leaves the one before or the one after. An answer is kept under its proposal's id, so nothing is counted twice.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../core/atomic-file.ts";
import { InputError } from "../core/errors.ts";
import { hashJson } from "../core/hash.ts";
import { mixtureKey } from "../mixture/key.ts";

const weights = z.record(z.string(), z.number().nonnegative()).describe("Token share by domain");

export const Proposal = z.strictObject({
  id: z.string(),
  /** Who proposed it: a proposer, a file's name, or "outside" for one that was only told of. */
  by: z.string(),
  weights,
});

/** One line of a results file. */
export const Told = z.strictObject({
  id: z.string().optional().describe("Of the proposal; or give weights"),
  weights: weights.optional(),
  losses: z
    .record(z.string(), z.number())
    .optional()
    .describe("Bits per byte, or any loss, by target: lower is better, so of accuracies the error rate"),
  failed: z.string().min(1).optional().describe("Why there is no loss: it is not proposed again"),
});

const Answer = z.strictObject({
  id: z.string(),
  losses: z.record(z.string(), z.number()).nullable(),
  failed: z.string().nullable(),
});

export type Proposal = z.infer<typeof Proposal>;
export type Told = z.infer<typeof Told>;
export type Answer = z.infer<typeof Answer>;

/** Two mixtures equal to 1e-9 in every weight have the same id. */
export function proposalId(mixture: ArrayLike<number>): string {
  return `mix-${hashJson(mixtureKey(mixture)).slice(0, 12)}`;
}

export class AskLedger {
  readonly #dir: string;
  readonly proposals = new Map<string, Proposal>();
  readonly answers = new Map<string, Answer>();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** @throws InputError if a file there is not what this class writes */
  static async open(dir: string): Promise<AskLedger> {
    const ledger = new AskLedger(dir);
    for (const proposal of await readLines(join(dir, "proposals.jsonl"), Proposal)) {
      ledger.proposals.set(proposal.id, proposal);
    }
    for (const answer of await readLines(join(dir, "answers.jsonl"), Answer)) {
      ledger.answers.set(answer.id, answer);
    }
    return ledger;
  }

  /** Proposed and not answered, in the order they were proposed. */
  pending(): Proposal[] {
    return [...this.proposals.values()].filter(({ id }) => !this.answers.has(id));
  }

  async propose(proposals: readonly Proposal[]): Promise<void> {
    for (const proposal of proposals) this.proposals.set(proposal.id, proposal);
    await writeLines(join(this.#dir, "proposals.jsonl"), this.proposals.values());
  }

  async answer(answers: readonly Answer[]): Promise<void> {
    for (const answer of answers) this.answers.set(answer.id, answer);
    await writeLines(join(this.#dir, "answers.jsonl"), this.answers.values());
  }
}

async function readLines<Value>(path: string, schema: z.ZodType<Value>): Promise<Value[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return parseLines(text, path, schema);
}

/** @throws InputError naming file and line */
export function parseLines<Value>(text: string, path: string, schema: z.ZodType<Value>): Value[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (error) {
      throw new InputError(`${path}:${index + 1}: ${(error as Error).message}`, "one JSON object a line", {
        cause: error,
      });
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return [parsed.data];
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new InputError(`${path}:${index + 1}: ${problems.join("; ")}`, "nothing of the file was taken");
  });
}

async function writeLines(path: string, values: Iterable<unknown>): Promise<void> {
  await writeFileAtomic(path, [...values].map((value) => `${JSON.stringify(value)}\n`).join(""));
}
