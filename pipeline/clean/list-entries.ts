/** Entries of lists, one a line, in lower case; empty lines and those that begin with # say nothing. */
export function* listEntries(lists: readonly string[]): Generator<string> {
  for (const list of lists) {
    for (const line of list.split("\n")) {
      const entry = line.trim().toLowerCase();
      if (entry !== "" && !entry.startsWith("#")) yield entry;
    }
  }
}
