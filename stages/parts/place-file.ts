import { copyFile, link } from "node:fs/promises";

/** Put a finished file under another name on the same file system, without copying it where links are allowed. */
export async function placeFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPERM" && error.code !== "EXDEV" && error.code !== "ENOTSUP") throw error;
    await copyFile(from, to);
  });
}
