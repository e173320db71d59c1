import { join } from "node:path";
import { openPointFiles } from "../../../pipeline/cluster/point-reader.ts";
import type { Points, PointSource } from "../../../pipeline/cluster/points.ts";
import { writeNpy } from "../../../pipeline/core/npy.ts";

/** The points as .npy files of these numbers of rows, in a folder. */
export async function pointFiles(
  dir: string,
  { data, dim }: Points,
  cut: readonly number[],
): Promise<PointSource> {
  const paths: string[] = [];
  let from = 0;
  for (const [index, rows] of cut.entries()) {
    const path = join(dir, `${cut.length}-${index}.npy`);
    await writeNpy(path, data.slice(from * dim, (from + rows) * dim), [rows, dim]);
    paths.push(path);
    from += rows;
  }
  return openPointFiles(paths, dim);
}
