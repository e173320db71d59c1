import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { z } from "zod";
import { writeFileAtomic } from "../core/atomic-file.ts";
import { ConfigError, IncompleteError, InterruptedError } from "../core/errors.ts";
import { hashJson } from "../core/hash.ts";
import { parseJson } from "../core/json-lines.ts";
import type { Domain } from "../schema/domain.ts";
import type { NamingConfig } from "../schema/domains-config.ts";

type Described = Pick<Domain, "id" | "keywords" | "representatives">;

const Answer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});
const Cached = z.object({ name: z.string().min(1) });

/** Answers that may be another one later. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const firstPauseMs = 500;
const longestNameCharacters = 60;

/** Raise it when the question changes: names asked for before are then asked for again. */
const version = 1;

/**
 * A name for every domain from an OpenAI-compatible chat endpoint, by its keywords and its typical documents. Every
 * answer is kept in `cacheDir` under a hash of the question, so that what has been asked is not asked again, by any run.
 * A name that two domains would have gets a number.
 *
 * @throws IncompleteError if the server cannot be reached or keeps failing; answers so far are kept
 * @throws ConfigError if it refuses
 */
export async function nameDomains(
  domains: readonly Described[],
  config: NamingConfig,
  cacheDir: string,
  signal: AbortSignal,
): Promise<string[]> {
  await mkdir(cacheDir, { recursive: true });
  const limit = pLimit(config.concurrency);
  const names = await Promise.all(
    domains.map((domain) => limit(() => nameOf(domain, config, cacheDir, signal))),
  );
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name} (${number})`;
    taken.add(free);
    return free;
  });
}

/** What is asked; the domain's number is not part of it. */
function question({ keywords, representatives }: Described): string {
  return [
    "Documents of a web corpus were clustered. Name the topic or kind of text of one cluster in two to five English words.",
    "Answer with the name alone.",
    `Its most telling words: ${keywords.join(", ")}.`,
    ...representatives.map(({ excerpt }, i) => `Document ${i + 1}: ${excerpt}`),
  ].join("\n\n");
}

async function nameOf(
  domain: Described,
  config: NamingConfig,
  cacheDir: string,
  signal: AbortSignal,
): Promise<string> {
  const content = question(domain);
  const path = join(cacheDir, `${hashJson({ version, model: config.model, content })}.json`);
  const kept = Cached.safeParse(parseJson(await readFile(path, "utf8").catch(() => "")));
  if (kept.success) return kept.data.name;
  const name = await ask(content, config, signal);
  await writeFileAtomic(path, `${JSON.stringify({ name })}\n`);
  return name;
}

async function ask(content: string, config: NamingConfig, signal: AbortSignal): Promise<string> {
  const endpoint = `${config.url.replace(/\/+$/, "")}/chat/completions`;
  const key = process.env[config.keyVariable] ?? "";
  const headers = {
    "content-type": "application/json",
    ...(key !== "" && { authorization: `Bearer ${key}` }),
  };
  const body = JSON.stringify({
    model: config.model,
    messages: [{ role: "user", content }],
    temperature: 0,
  });
  for (let attempt = 0; ; attempt++) {
    if (signal.aborted) throw new InterruptedError();
    let problem: string;
    try {
      const timeout = AbortSignal.timeout(config.timeoutSeconds * 1000);
      const init = { method: "POST", headers, body, signal: AbortSignal.any([signal, timeout]) };
      const response = await fetch(endpoint, init);
      const text = await response.text();
      if (response.ok) {
        const name = readName(text);
        if (name !== undefined) return name;
        problem = `answers without a name: ${text.slice(0, 200)}`;
      } else if (passing.has(response.status)) {
        problem = `says ${response.status} ${text.slice(0, 200)}`.trim();
      } else {
        throw new ConfigError(
          `${endpoint} says ${response.status} ${text.slice(0, 200)}`.trim(),
          `look at domains.naming.url and model, and at the key in the environment variable ${config.keyVariable}`,
        );
      }
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      if (signal.aborted) throw new InterruptedError();
      problem = `cannot be reached (${(error as Error).message})`;
    }
    if (attempt >= config.retries) {
      throw new IncompleteError(
        `${endpoint} ${problem}, ${attempt + 1} times`,
        "see to the server and run the same command again: names it gave are kept; or leave domains.naming out",
      );
    }
    await sleep(firstPauseMs * 2 ** attempt, undefined, { signal }).catch(() => {});
  }
}

/** The answer's first line without quotes and full stop; undefined if there is none of a usable length. */
function readName(text: string): string | undefined {
  const answer = Answer.safeParse(parseJson(text));
  if (!answer.success) return undefined;
  const [line = ""] = answer.data.choices[0]!.message.content.trim().split("\n");
  const name = line.replaceAll(/^["'“”*\s]+|["'“”*.\s]+$/g, "");
  return name === "" || name.length > longestNameCharacters ? undefined : name;
}
