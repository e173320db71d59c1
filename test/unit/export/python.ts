import { spawnSync } from "node:child_process";

/** A Python that can import the modules, or the reason to skip a test. */
export function pythonWith(...modules: string[]): { python: string; skip?: string } {
  const program = ["import sys", ...modules.map((module) => `import ${module}`)].join("\n");
  for (const python of ["python3", "/usr/bin/python3"]) {
    if (spawnSync(python, ["-c", program]).status === 0) return { python };
  }
  return { python: "python3", skip: `no python3 with ${modules.join(", ") || "itself"} is installed` };
}

/** What the program prints. Throws with what it wrote to stderr if it fails. */
export function runPython(python: string, program: string, input: string, cwd?: string): string {
  const run = spawnSync(python, ["-c", program], {
    input,
    encoding: "utf8",
    ...(cwd !== undefined && { cwd }),
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}
