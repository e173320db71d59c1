import { InputError } from "../core/errors.ts";

/** A search over more domains than this finds noise, and such a column was hardly meant. */
const mostLabels = 500;

/** The labels of a corpus in their order, and which of them each document has. */
export interface LabelTable {
  /** Distinct labels, sorted: 2 before 10. */
  readonly labels: string[];
  /** One a row: index of its label, or labels.length where it has none. */
  readonly rowLabel: Int32Array;
}

/**
 * @param values one a row; null, or empty text, is no label
 * @param what names the column in messages
 * @throws InputError if no row has a label, or there are more of them than can be searched
 */
export function tableOfLabels(values: readonly (string | null)[], what: string): LabelTable {
  const labels = [...new Set(values.filter(isLabel))].sort(
    new Intl.Collator("en", { numeric: true, sensitivity: "variant" }).compare,
  );
  if (labels.length === 0) {
    throw new InputError(
      `no document has a ${what}`,
      "name the column, JSON key or folder key in corpus.sources[].fields.label (folder: the folder a file lies in)",
    );
  }
  if (labels.length > mostLabels) {
    throw new InputError(
      `${labels.length} different ${what}s, such as ${JSON.stringify(labels[0])} and ${JSON.stringify(labels.at(-1))}: more than ${mostLabels} domains cannot be searched`,
      "take a coarser label, or domains.from: clusters",
    );
  }
  const indexOf = new Map(labels.map((label, index) => [label, index]));
  return {
    labels,
    rowLabel: Int32Array.from(values, (value) => (isLabel(value) ? indexOf.get(value)! : labels.length)),
  };
}

function isLabel(value: string | null): value is string {
  return value !== null && value !== "";
}

/**
 * A domain's id for each label: the label itself where it can be the name of a folder and starts with a letter,
 * domain_<label> for numbers, and else with every other character replaced. All different.
 */
export function labelIds(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    const plain = label.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^[^\w]+|[-.]+$/g, "");
    const id = /^[A-Za-z]/.test(plain) ? plain : `domain_${plain}`;
    let free = id;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${id}-${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
