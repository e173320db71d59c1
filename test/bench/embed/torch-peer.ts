/** The same model in PyTorch (Debian's python3-torch, or $PYTHON's), on one thread, on the same token ids and weights. */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Shape, Weights } from "./mini-lm.ts";

export interface TorchAnswer {
  readonly name: string;
  /** Of the fastest way found: a text a call, or texts of like length padded together. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly way: string;
  /** Every text's vector, of length 1. */
  readonly rows: readonly (readonly number[])[];
}

const program = `
import json, sys, time, math
import numpy as np, torch
import torch.nn.functional as F
torch.set_num_threads(1)
folder, times = sys.argv[1], int(sys.argv[2])
manifest = json.load(open(folder + "/weights.json"))
raw = np.fromfile(folder + "/weights.bin", dtype=np.float32)
w, start = {}, 0
for name, dims in manifest["weights"]:
    size = int(np.prod(dims)); w[name] = torch.from_numpy(raw[start:start + size].reshape(dims).copy()); start += size
# nn.Linear keeps its matrix [out, in].
for name in list(w):
    if name.endswith(".weight") and w[name].dim() == 2: w[name] = w[name].t().contiguous()
layers, width, heads = manifest["layers"], manifest["width"], manifest["heads"]
def linear(x, name): return F.linear(x, w[name + ".weight"], w[name + ".bias"])
def norm(x, name): return F.layer_norm(x, (width,), w[name + ".weight"], w[name + ".bias"], 1e-12)
def forward(ids, mask):
    b, n = ids.shape
    x = norm(w["words"][ids] + w["types"][0] + w["positions"][:n], "embedded")
    bias = (1 - mask)[:, None, None, :] * -10000.0
    for l in range(layers):
        q, k, v = (linear(x, f"{l}.{p}").view(b, n, heads, width // heads).transpose(1, 2) for p in ("query", "key", "value"))
        a = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(width // heads) + bias, -1)
        c = (a @ v).transpose(1, 2).reshape(b, n, width)
        x = norm(linear(c, f"{l}.output") + x, f"{l}.attended")
        x = norm(linear(F.gelu(linear(x, f"{l}.wide")), f"{l}.narrow") + x, f"{l}.out")
    pooled = (x * mask[:, :, None]).sum(1)
    return pooled / pooled.norm(dim=1, keepdim=True)
texts = [torch.tensor(ids) for ids in manifest["ids"]]
def singly():
    return [forward(ids[None], torch.ones(1, len(ids)))[0] for ids in texts]
def batched():
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out, batch = [None] * len(texts), []
    def flush():
        n = max(len(texts[i]) for i in batch)
        ids = torch.zeros(len(batch), n, dtype=torch.long); mask = torch.zeros(len(batch), n)
        for row, i in enumerate(batch): ids[row, :len(texts[i])] = texts[i]; mask[row, :len(texts[i])] = 1
        for i, v in zip(batch, forward(ids, mask)): out[i] = v
        batch.clear()
    for i in order:
        if batch and (len(batch) + 1) * len(texts[i]) > 1024: flush()
        batch.append(i)
    flush()
    return out
best = None
with torch.inference_mode():
    for way, run in (("a text a call", singly), ("batches by length", batched)):
        run()
        for _ in range(times):
            c, t = time.process_time(), time.perf_counter()
            rows = run()
            c, t = time.process_time() - c, time.perf_counter() - t
            if best is None or c < best["cpuSeconds"]:
                best = {"cpuSeconds": c, "wallSeconds": t, "way": way, "rows": [row.tolist() for row in rows]}
print(json.dumps({"name": "PyTorch " + torch.__version__, **best}))
`;

/** Undefined, with a note on stderr, where Python has no torch. */
export async function measureTorch(
  folder: string,
  weights: Weights,
  shape: Shape,
  ids: readonly (readonly number[])[],
  times: number,
): Promise<TorchAnswer | undefined> {
  const { layers, width, heads } = shape;
  const manifest = {
    layers,
    width,
    heads,
    ids,
    weights: [...weights].map(([name, { dims }]) => [name, dims]),
  };
  await writeFile(join(folder, "weights.json"), JSON.stringify(manifest));
  const values = [...weights.values()].map(({ data }) => new Uint8Array(data.buffer));
  await writeFile(join(folder, "weights.bin"), Buffer.concat(values));
  const python = process.env["PYTHON"] ?? "/usr/bin/python3";
  const child = spawnSync(python, ["-c", program, folder, String(times)], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  if (child.status === 0) return JSON.parse(child.stdout) as TorchAnswer;
  const reason = child.error?.message ?? child.stderr.trim().split("\n").at(-1) ?? "";
  process.stderr.write(`embed bench: PyTorch is not measured: ${reason}\n`);
  return undefined;
}
