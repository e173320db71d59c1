import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withTempDir } from "../../support/temp-dir.ts";

/** Path to content. */
export type Files = Readonly<Record<string, string>>;

/** Run `use` with a fresh folder that holds these files. */
export async function withFiles<Result>(
  files: Files,
  use: (dir: string) => Promise<Result>,
): Promise<Result> {
  return withTempDir(async (dir) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), content);
    }
    return use(dir);
  });
}

/** Four runs of two domains; the losses are in another order than the mixtures. */
export const regmixFiles: Files = {
  "train_mixture_1m.csv": "index,train_web,train_books\n1,0.25,0.75\n2,0.5,0.5\n7,0.998,0.0\n9,1.0,0.003\n",
  "train_pile_loss_1m.csv":
    "index,metric/web_val_loss,metric/books_val_loss\n9,1.5,9.5\n2,1.25,2.25\n1,1.125,1.25\n7,1.75,7.5\n",
};

export const recipeFiles: Files = {
  "mixtures_1/n1.sh": "#!/bin/bash\ncat <<EOF\n0.25 /data/domain_2\n0.75 /data/domain_10\nEOF\n",
  "mixtures_1/n2.sh": "#!/bin/bash\ncat <<EOF\n1.0 /data/domain_2\nEOF\n",
  "mixtures_1/n10.sh": "#!/bin/bash\ncat <<EOF\n0.5 /data/domain_2\n0.4998 /data/domain_3\nEOF\n",
  "mixtures_2/n1.sh": "#!/bin/bash\ncat <<EOF\n1 /data/domain_3\nEOF\n",
  "lm_eval_results_1/n1/model/results_2026-05-01.json": recipeResults(0.1, 0.1, 0.1),
  "lm_eval_results_1/n1/model/results_2026-05-02.json": recipeResults(0.5, 0.625, 0.25),
  "lm_eval_results_1/n2/model/results_2026-05-01.json": recipeResults(0.25, 0.5, 0.75),
  "lm_eval_results_1/n10/model/results_2026-05-01.json": recipeResults(0.5, 0.5, 0.5),
  "lm_eval_results_2/n1/model/results_2026-05-01.json": recipeResults(0.125, 0.25, 0.375),
};

/** What lm-evaluation-harness writes, as far as it is read. */
export function recipeResults(arc: number, piqa: number, hellaswag: number): string {
  return JSON.stringify({
    results: {
      arc_easy: { alias: "arc_easy", "acc,none": arc, "acc_norm,none": 0.99 },
      hellaswag: { "acc,none": 0.99, "acc_norm,none": hellaswag },
      piqa: { "acc,none": 0.99, "acc_norm,none": piqa },
    },
  });
}
