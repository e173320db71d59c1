/** The domains, targets and mixtures that all models of the benchmark share. */
import { createHash } from "node:crypto";
import { sampleDirichlet } from "../../../pipeline/math/dirichlet.ts";
import { Random } from "../../../pipeline/math/random.ts";
import type { ProxyDomain, ProxyTarget } from "../../../pipeline/proxy/proxy.ts";
import { createBpeEncoder } from "../../../pipeline/tokenizer/bpe-encoder.ts";
import { packDocuments } from "../../../pipeline/tokenizer/pack-documents.ts";
import { splitWords } from "../../../pipeline/tokenizer/split-words.ts";
import { trainBpe } from "../../../pipeline/tokenizer/train-bpe.ts";
import { endOfDocument, vocabularySize } from "../../../pipeline/tokenizer/vocabulary.ts";
import { foreignKinds, type TextKind, trainingKinds } from "./texts.ts";

export interface Setting {
  /** Of all that follows. */
  readonly hash: string;
  readonly vocabularySize: number;
  readonly endOfDocument: number;
  readonly domains: readonly ProxyDomain[];
  /** The domains' own held-out text, then text of kinds that none of them holds. */
  readonly targets: readonly ProxyTarget[];
  readonly inDomain: ReadonlySet<string>;
  readonly mixtures: readonly Float64Array[];
}

/** Tokens of the reference model's run. */
export const referenceTokens = 196_608;

const vocabulary = 1024;
const mixtures = 48;
/** A domain's largest pool; every other one is scarce, so that some mixtures repeat it several times. */
const poolTokens = [100_000, 30_000];
/** Of each target, at the most. */
const usualTargetTokens = 4096;
/** One file of so many is held out. */
const heldOut = 8;
const documentCharacters = 3000;

export async function prepareSetting(targetTokens = usualTargetTokens): Promise<Setting> {
  const kinds = await trainingKinds();
  const train = kinds.map(({ files }) => files.filter((_, i) => i % heldOut !== 0));
  const counts = new Map<string, number>();
  for (const text of train.flat())
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const learned = trainBpe(counts, vocabulary);
  const encode = createBpeEncoder(learned);
  const random = new Random("bench/fidelity");

  const domains = kinds.map(({ name }, k): ProxyDomain => {
    const documents = train[k]!.flatMap(cutDocuments);
    const all = packDocuments(join(documents.map(encode)), endOfDocument, random.fork(`pool/${name}`));
    return { id: name, ...firstTokens(all, poolTokens[k % poolTokens.length]!) };
  });
  const foreign = await foreignKinds();
  const judged: TextKind[] = [
    ...kinds.map(({ name, files }) => ({ name, files: files.filter((_, i) => i % heldOut === 0) })),
    ...foreign,
  ];
  const targets = judged.map(({ name, files }): ProxyTarget => {
    const documents = random.fork(`target/${name}`).shuffle(files.flatMap(cutDocuments));
    const ids = documents.map(encode);
    let total = 0;
    const taken = ids.filter((tokens) => {
      if (total + tokens.length > targetTokens) return false;
      total += tokens.length;
      return true;
    });
    const bytes = taken.map((tokens) => Buffer.byteLength(documents[ids.indexOf(tokens)]!));
    return { name, ...join(taken), documentBytes: Uint32Array.from(bytes) };
  });
  const draw = random.fork("mixtures");
  const drawn = Array.from({ length: mixtures }, (_, m) =>
    sampleDirichlet(new Float64Array(domains.length).fill(m % 2 === 0 ? 1 : 0.4), draw),
  );
  const hash = createHash("sha256").update(JSON.stringify(drawn.map((weights) => [...weights])));
  for (const { tokens } of [...domains, ...targets]) hash.update(tokens);
  return {
    hash: hash.digest("hex"),
    vocabularySize: vocabularySize(learned),
    endOfDocument,
    domains,
    targets,
    inDomain: new Set(kinds.map(({ name }) => name)),
    mixtures: drawn,
  };
}

/** Cuts a file at the ends of lines and sentences into documents of about `documentCharacters`. */
function cutDocuments(text: string): string[] {
  const documents = [""];
  for (const line of text.split(/(?<=\n|[.?!] )/)) {
    if (documents.at(-1)!.length + line.length > documentCharacters) documents.push("");
    documents[documents.length - 1] += line;
  }
  return documents.filter((document) => document.length > 200);
}

function join(documents: readonly (readonly number[])[]): { tokens: Uint16Array; documentEnds: Uint32Array } {
  let end = 0;
  const documentEnds = Uint32Array.from(documents, ({ length }) => (end += length));
  return { tokens: Uint16Array.from(documents.flat()), documentEnds };
}

/** The first documents that fit. */
function firstTokens(
  { tokens, documentEnds }: { tokens: Uint16Array | Uint32Array; documentEnds: Uint32Array },
  limit: number,
): Pick<ProxyDomain, "tokens" | "documentEnds"> {
  const ends = documentEnds.filter((end) => end <= limit);
  return { tokens: tokens.slice(0, ends.at(-1)), documentEnds: ends };
}
