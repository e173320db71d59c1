import { access } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { InputError } from "../core/errors.ts";

/** A fastText classifier whose labels are numbers. */
export interface FastTextScorer {
  /** The number of the likeliest label. */
  score(text: string): number;
}

const labelPattern = /^__label__(-?\d+(?:\.\d+)?)$/;

/**
 * Opens a fastText model (.bin or quantised .ftz) in a WebAssembly module of its own: the package keeps one model a
 * module.
 *
 * @throws InputError if there is no such file, it is no fastText classifier, or a label is no number
 */
export async function openFastText(path: string): Promise<FastTextScorer> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    throw new InputError(`there is no fastText model ${path}`, "correct domains.quality.classifiers[].model");
  }
  const { getFastTextClass, getFastTextModule } = await import("fasttext.wasm.js");
  const FastText = await getFastTextClass({ getFastTextModule });
  const fastText = new FastText();
  let labels: string[];
  let model: Awaited<ReturnType<typeof fastText.loadModel>>;
  try {
    model = await fastText.loadModel(pathToFileURL(path).href);
    // The module's file system lies in memory: the file is not needed any more.
    fastText.fs.unlink("model.bin");
    labels = predicted(model, "").map(([, label]) => label);
  } catch (error) {
    // What the module throws is no Error.
    throw new InputError(
      `${path} is no fastText classifier`,
      "give the .bin or .ftz file of a supervised model",
      {
        cause: error,
      },
    );
  }
  const unusable = labels.filter((label) => !labelPattern.test(label));
  if (labels.length === 0 || unusable.length > 0) {
    throw new InputError(
      `${path} has the label ${unusable[0] ?? "(none)"}, which is no number`,
      "a classifier that scores has labels such as __label__-1 to __label__5",
    );
  }
  return { score: (text) => Number(labelPattern.exec(predicted(model, text, 1)[0]![1])![1]) };
}

/** Probabilities and labels, the likeliest first. */
function predicted(
  model: { predict(text: string, count?: number, threshold?: number): Predictions },
  text: string,
  count = -1,
): [number, string][] {
  const found = model.predict(text, count, 0);
  const pairs = Array.from({ length: found.size() }, (_, i) => found.get(i) as [number, string]);
  // Lies in the module's own memory, which nothing else frees.
  (found as Predictions & { delete(): void }).delete();
  return pairs;
}

interface Predictions {
  size(): number;
  get(index: number): unknown;
}
