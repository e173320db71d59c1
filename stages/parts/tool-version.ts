import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** The folder that holds package.json: two above dist/stages. */
export const packageRoot = join(import.meta.dirname, "..", "..", "..");

const packageJson = z.object({ version: z.string() });

export const toolVersion = packageJson.parse(
  JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")),
).version;
