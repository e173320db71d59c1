/** Trainers configured in Python get a small module around one table: a domain's folder to its share. */
import { InputError } from "../core/errors.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import type { ReadShare } from "./exporter.ts";
import { describeDomain, droppedNotes } from "./notes.ts";
import type { Shares } from "./shares.ts";

/** `NAME = {"<dataRoot>/<id>": 0.700000, ...}` with a comment for each domain. */
export function pythonTable(name: string, { kept, dropped }: Shares, dataRoot: string): string {
  const lines = [
    ...kept.map(({ domain, text }) => {
      const folder = JSON.stringify(domainPath(dataRoot, domain.id));
      return `    ${folder}: ${text},  # ${describeDomain(domain)}`;
    }),
    ...droppedNotes(dropped).map((note) => `    # ${note}`),
  ];
  return `${name} = {\n${lines.join("\n")}\n}`;
}

/** The table as Python sees it. InputError if it holds anything but folders and decimal numbers. */
export function readPythonTable(text: string, name: string): ReadShare[] {
  const table = new RegExp(`^${name} = \\{\\n([\\s\\S]*?)^\\}$`, "m").exec(text)?.[1];
  if (table === undefined) throw new InputError(`mixture.py has no table called ${name}`);
  const shares: ReadShare[] = [];
  for (const line of table.split("\n")) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const entry = /^ {4}("(?:[^"\\]|\\.)*"): (\d+\.\d+),(?: {2}#.*)?$/.exec(line);
    if (entry === null) throw new InputError(`mixture.py: ${line.trim()} is not "folder": number`);
    shares.push({ domain: domainOfPath(JSON.parse(entry[1]!) as string), share: Number(entry[2]) });
  }
  return shares;
}

/** InputError, saying what the trainer does without it, if the code (comments aside) does not hold `code`. */
export function requireCode(text: string, code: string, otherwise: string): void {
  const isThere = text.split("\n").some((line) => line.replace(/#.*$/, "").includes(code));
  if (!isThere) throw new InputError(`mixture.py: without ${code} ${otherwise}`);
}
