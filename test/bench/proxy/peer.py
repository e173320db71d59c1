"""The proxy benchmark's peer: the same model, data and optimiser in PyTorch. Prints one JSON value.

    peer.py train FOLDER STEPS   one thread; FOLDER holds shape.json, theta.npy and tokens.npy [steps * batch, context + 1]
    peer.py sgemm                GFLOP/s of a 2048 x 2048 x 2048 product by numpy's BLAS
"""
import json
import resource
import sys
import time

import numpy as np


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def sgemm():
    a = np.random.default_rng(0).random((2048, 2048), dtype=np.float32)
    seconds = []
    for _ in range(6):
        start = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - start)
    return 2 * 2048**3 / min(seconds) / 1e9


def train(folder, steps):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    shape = json.load(open(folder + "/shape.json"))
    d, heads, layers, t = (shape[key] for key in ("width", "heads", "layers", "contextTokens"))
    flat = np.load(folder + "/theta.npy")
    tokens = torch.from_numpy(np.load(folder + "/tokens.npy").astype(np.int64)).view(steps, shape["batchSequences"], -1)
    p, offset = {}, 0
    for name, dims in shape["parameters"]:
        size = dims[0] * dims[1]
        p[name] = torch.from_numpy(flat[offset : offset + size].reshape(dims).copy()).requires_grad_()
        offset += size
    mask = torch.full((t, t), float("-inf")).triu(1)
    optimizer = torch.optim.AdamW(p.values(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)

    def loss_of(rows):
        b = rows.shape[0]
        x = F.layer_norm(p["embedding"][rows[:, :-1]] + p["positions"], (d,))
        for i in range(layers):
            y = F.layer_norm(x, (d,))
            q, k, v = ((y @ p[f"{i}.{n}"]).view(b, t, heads, d // heads).transpose(1, 2) for n in ("query", "key", "value"))
            a = ((q @ k.transpose(-1, -2)) * (d // heads) ** -0.5 + mask).softmax(-1) @ v
            x = x + a.transpose(1, 2).reshape(b, t, d) @ p[f"{i}.attentionOut"]
            x = x + F.relu(F.layer_norm(x, (d,)) @ p[f"{i}.up"]) @ p[f"{i}.down"]
        logits = F.layer_norm(x, (d,)) @ p["embedding"].T
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), rows[:, 1:].reshape(-1))

    losses, walls, cpus = [], [], []
    for step in range(steps):
        wall, cpu = time.perf_counter(), cpu_seconds()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(tokens[step])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimizer.step()
        losses.append(float(loss))
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    return {"losses": losses, "wallSeconds": walls, "cpuSeconds": cpus, "version": torch.__version__}


print(json.dumps(sgemm() if sys.argv[1] == "sgemm" else train(sys.argv[2], int(sys.argv[3]))))
