import { $ } from "zx";

/** The commit this tool was built from, and whether the checkout was modified; null outside a checkout. */
export async function gitLineage(dir: string): Promise<{ commit: string; modified: boolean } | null> {
  const git = $({ cwd: dir, quiet: true, nothrow: true });
  const commit = await git`git rev-parse HEAD`;
  if (commit.exitCode !== 0) return null;
  const status = await git`git status --porcelain --untracked-files=no`;
  return { commit: commit.stdout.trim(), modified: status.stdout.trim() !== "" };
}
