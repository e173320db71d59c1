import { Document, type ScalarTag } from "yaml";

/** A number already written out: the yaml package would print 0.0000001 as 1e-7, which PyYAML reads as text. */
class FixedNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The number to print exactly so, for example "0.700000". */
export function fixed(text: string): unknown {
  return new FixedNumber(text);
}

const fixedTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => value instanceof FixedNumber,
  // Only for writing: no text matches.
  test: /^(?!)/,
  resolve: Number,
  stringify: ({ value }) => (value as FixedNumber).text,
};

/** YAML that PyYAML reads as meant: version 1.1 quotes text such as "no", "0.7" and "2024-01-01". */
export function writeYaml(value: unknown, comments: readonly string[]): string {
  const document = new Document(value, {
    version: "1.1",
    aliasDuplicateObjects: false,
    customTags: (tags) => [fixedTag, ...tags],
  });
  document.commentBefore = comments.map((line) => ` ${line}`).join("\n");
  return document.toString({ lineWidth: 0, directives: false });
}
