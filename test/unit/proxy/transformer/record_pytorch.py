"""Records what PyTorch in float64 makes of two tiny transformers: losses and gradients, then ten AdamW steps.

    /usr/bin/python3 test/unit/proxy/transformer/record_pytorch.py > test/unit/proxy/transformer/pytorch.json

Recorded with PyTorch 1.13.0 (Debian 12). Parameters are 0.3 sin(1 + 0.37 i^2) rounded to float32, so that the other side
can make them too. The text is 'to be or not to be, that is the question' as letters.
"""
import json
import numpy as np
import torch
import torch.nn.functional as F

TEXT = "to be or not to be, that is the question"
LETTERS = sorted(set(TEXT))
OPTIMIZER = dict(lr=0.01, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)


def shapes(c):
    d = c["width"]
    out = [("embedding", (c["vocabulary"], d))]
    if c["positions"] == "learned":
        out.append(("positions", (c["contextTokens"], d)))
    for i in range(c["layers"]):
        out += [(f"{i}.{n}", (d, d)) for n in ("query", "key", "value", "attentionOut")]
        out += [(f"{i}.up", (d, 4 * d)), (f"{i}.down", (4 * d, d))]
    return out


def rotate(x, heads):  # [batch, time, heads, head width]
    half = x.shape[-1] // 2
    angle = torch.arange(x.shape[1], dtype=x.dtype)[:, None] * 10000.0 ** (-torch.arange(half, dtype=x.dtype) / half)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def loss_of(c, p, tokens, targets):  # tokens: [batch, time]
    b, t = tokens.shape
    d, h = c["width"], c["heads"]
    norm = lambda x: F.layer_norm(x, (d,), eps=1e-5)
    x = p["embedding"][tokens]
    if c["positions"] == "learned":
        x = x + p["positions"]
    x = norm(x)
    mask = torch.full((t, t), float("-inf"), dtype=x.dtype).triu(1)
    for i in range(c["layers"]):
        y = norm(x)
        q, k, v = ((y @ p[f"{i}.{n}"]).view(b, t, h, d // h) for n in ("query", "key", "value"))
        if c["positions"] == "rotary":
            q, k = rotate(q, h), rotate(k, h)
        q, k, v = (z.transpose(1, 2) for z in (q, k, v))
        a = ((q @ k.transpose(-1, -2)) / (d // h) ** 0.5 + mask).softmax(-1) @ v
        x = x + a.transpose(1, 2).reshape(b, t, d) @ p[f"{i}.attentionOut"]
        x = x + F.relu(norm(x) @ p[f"{i}.up"]) @ p[f"{i}.down"]
    return F.cross_entropy((norm(x) @ p["embedding"].T).view(b * t, -1), targets.reshape(-1))


def record(c):
    ids = [LETTERS.index(letter) for letter in TEXT]
    b, t = c["batch"], c["contextTokens"]
    rows = torch.tensor([ids[i * t : i * t + t + 1] for i in range(b)])
    tokens, targets = rows[:, :-1], rows[:, 1:]
    p, offset = {}, 0
    for name, shape in shapes(c):
        size = int(np.prod(shape))
        flat = np.float32(0.3 * np.sin(1 + 0.37 * np.arange(offset, offset + size, dtype=np.float64) ** 2))
        p[name] = torch.tensor(flat.astype(np.float64)).view(shape).requires_grad_()
        offset += size
    loss = loss_of(c, p, tokens, targets)
    loss.backward()
    gradients = np.concatenate([x.grad.numpy().ravel() for x in p.values()])
    optimizer = torch.optim.AdamW(p.values(), **OPTIMIZER)
    losses, norms = [], []
    for _ in range(10):
        optimizer.zero_grad()
        loss = loss_of(c, p, tokens, targets)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(p.values(), 0.5)))
        optimizer.step()
        losses.append(float(loss))
    return dict(**c, parameters=offset, gradients=[float(f"{g:.7g}") for g in gradients], losses=losses, norms=norms)


tiny = dict(vocabulary=len(LETTERS), width=8, heads=2, contextTokens=6, batch=3)
models = [dict(tiny, layers=2, positions="learned"), dict(tiny, layers=1, positions="rotary")]
print(json.dumps([record(model) for model in models]))
