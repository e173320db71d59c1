/** What a finished run left for materialising: its manifest, and the artifacts the manifest names. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Artifact, openArtifact } from "../../pipeline/core/artifact.ts";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import { endOfDocument } from "../../pipeline/materialize/formats.ts";
import type { TokenizerName } from "../../pipeline/schema/config.ts";
import { Manifest } from "../../pipeline/schema/manifest.ts";

/** What materialising needs of a manifest: those of other versions will do as long as they have it. */
const { name, domains, phases, lineage } = Manifest.shape;
const tokenizer = z.object({ name: z.string(), vocabularySize: z.int() });
const Mixture = z.object({ name, tokenizer, domains, phases, lineage });
type Mixture = z.infer<typeof Mixture>;

/** What it needs of a corpus, whichever stage made it. */
const Corpus = z.object({
  shards: z.array(z.object({ documents: z.string(), tokens: z.string(), rows: z.int() })),
});
const Domains = z.object({ domains: z.array(z.object({ id: z.string() })) });

type CorpusArtifact = Artifact<z.infer<typeof Corpus>>;

export interface MaterializeInputs {
  readonly manifest: Mixture;
  readonly mixtureSha256: string;
  readonly tokenizer: { readonly name: TokenizerName; readonly vocabularySize: number };
  readonly corpus: CorpusArtifact;
  readonly domains: Artifact<z.infer<typeof Domains>>;
}

/**
 * @param runDir holds mixture.json
 * @throws ConfigError if it does not; InputError if the manifest cannot be read, or an artifact it names is gone
 */
export async function openInputs(runDir: string, artifactsDir: string): Promise<MaterializeInputs> {
  const path = join(runDir, "mixture.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `cannot read ${path} (${error.code})`,
      "give the folder of a finished run, for example data/runs/quickstart, or run climb run first",
    );
  });
  const manifest = parseMixture(text, path);
  const { artifacts } = manifest.lineage;
  const open = async <Result>(
    role: "corpus" | "domains",
    schema: z.ZodType<Result>,
  ): Promise<Artifact<Result>> => {
    const dir = join(artifactsDir, artifacts[role] ?? `(${path} names no artifact for ${role})`);
    const artifact = await openArtifact(dir, schema);
    if (artifact !== undefined) return artifact;
    throw new InputError(
      `${dir}, from which ${path} was made, is gone`,
      "run climb run again with the same config, in the same folder; it rebuilds what is missing",
    );
  };
  const corpus = await open("corpus", Corpus);
  const domains = await open("domains", Domains);
  const ids = manifest.domains.map(({ id }) => id);
  if (
    !isDeepStrictEqual(
      ids,
      domains.result.domains.map(({ id }) => id),
    )
  ) {
    throw new InputError(`${domains.dir} holds other domains than ${path}`, "run climb run again");
  }
  const { name } = manifest.tokenizer;
  if (!isKnownTokenizer(name)) {
    throw new InputError(
      `${path} names the tokenizer '${name}', which this version does not know`,
      "update climb",
    );
  }
  const tokenizer = { ...manifest.tokenizer, name };
  return { manifest, mixtureSha256: await hashFile(path), tokenizer, corpus, domains };
}

function parseMixture(text: string, path: string): Mixture {
  try {
    return Mixture.parse(JSON.parse(text));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const reason =
      issue === undefined ? (error as Error).message : `${issue.path.join(".")}: ${issue.message}`;
    throw new InputError(`${path} is no mixture manifest (${reason})`, "run climb run again to rebuild it");
  }
}

function isKnownTokenizer(name: string): name is TokenizerName {
  return Object.hasOwn(endOfDocument, name);
}
