/**
 * Files that are either whole or not there. Everything another process may look at is written to a
 * temporary name beside its place, flushed, and then renamed or linked: both are atomic within one file
 * system, which is why the temporary name is never in the system's temp folder.
 */
import { randomBytes } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";

/** A name no other attempt uses, on any host. */
export function attemptId(): string {
  return `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/** Write a file and flush it, replacing what was there. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = await writeBeside(path, data);
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/**
 * Write a file unless it exists: the first writer wins.
 *
 * @returns false if another writer was first; what it wrote is untouched
 */
export async function writeFileOnce(path: string, data: string | Uint8Array): Promise<boolean> {
  const temporary = await writeBeside(path, data);
  try {
    await link(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Flush a folder's entries, so that a rename in it survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Flush one file's bytes. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeBeside(path: string, data: string | Uint8Array): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${attemptId()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}
