#!/usr/bin/env python3
"""A reference trainer for `search.proxy: { kind: external }`, in PyTorch (1.13 or later) and NumPy alone.

    python3 torch_trainer.py --request JOB/request.json --out JOB
    torchrun --nproc_per_node 8 torch_trainer.py --request JOB/request.json --out JOB

The torchrun of torch 1.13 fails under Python 3.11 or later ("'NoneType' object has no attribute 'get'"): its default for --redirects
and --tee, 0, is no member that Python 3.11 finds when it goes through a flag's values. --redirects 1 --tee 1 helps, which shows the
output as before and keeps a copy in --log_dir.

It trains the same model as the embedded transformer proxy: with the same plan and the same initial parameters the loss
curves agree within float32's tolerance. Change `Model` to train another; the rest reads the plan, checkpoints, measures
the targets and writes the result, and can stay.

request.settings (defaults below): width, layers, heads, positions, learningRate, schedule, warmupShare, decayShare,
beta1, beta2, epsilon, weightDecay, clipNorm; saveModel leaves model.pt beside the result, which startFrom opens: train it
once on the natural mixture with decayShare 0, and let every candidate's training anneal from there.
"""
import argparse
import json
import math
import os
import signal
import sys
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

DEFAULTS = dict(
    width=128, layers=4, heads=4, positions="rotary",
    learningRate=0.004, schedule="wsd", warmupShare=0.05, decayShare=0.3,
    beta1=0.9, beta2=0.95, epsilon=1e-8, weightDecay=0.1, clipNorm=1.0, saveModel=False,
)
CHECKPOINT_SECONDS = 60
RESUMABLE = 75


class Model(torch.nn.Module):
    """Decoder-only transformer: normalised embedding, LayerNorm without parameters, no biases, ReLU, output tied to the embedding."""

    def __init__(self, vocabulary, context, width, layers, heads, positions):
        super().__init__()
        self.heads, self.rotary = heads, positions == "rotary"
        residual = MATRIX_GAIN / math.sqrt(2 * layers)

        def matrix(rows, columns, gain=MATRIX_GAIN, inputs=None):
            return torch.nn.Parameter(torch.randn(rows, columns) * gain / math.sqrt(inputs or rows))

        # In the order of the flat vector that request.initialParameters holds. Matrices are [in, out].
        self.embedding = matrix(vocabulary, width, EMBEDDING_GAIN, width)
        self.positions = None if self.rotary else matrix(context, width, EMBEDDING_GAIN, width)
        self.blocks = torch.nn.ModuleList()
        for _ in range(layers):
            block = torch.nn.Module()
            block.query, block.key, block.value = matrix(width, width), matrix(width, width), matrix(width, width)
            block.attention_out = matrix(width, width, residual)
            block.up, block.down = matrix(width, 4 * width), matrix(4 * width, width, residual)
            self.blocks.append(block)
        if self.rotary:
            half = width // heads // 2
            angles = torch.arange(context)[:, None] * 10000.0 ** (-torch.arange(half) / half)
            self.register_buffer("cos", angles.cos(), persistent=False)
            self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, tokens):
        """tokens [batch, time] -> logits [batch, time, vocabulary]"""
        batch, time_steps = tokens.shape
        width = self.embedding.shape[1]

        def norm(x):
            return F.layer_norm(x, (width,))

        def split(x):
            return x.view(batch, time_steps, self.heads, -1).transpose(1, 2)

        def place(x):
            if not self.rotary:
                return x
            cos, sin = self.cos[:time_steps], self.sin[:time_steps]
            first, second = x.chunk(2, dim=-1)
            return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)

        x = self.embedding[tokens]
        if self.positions is not None:
            x = x + self.positions[:time_steps]
        x = norm(x)
        hidden_future = torch.ones(time_steps, time_steps, dtype=torch.bool, device=x.device).triu(1)
        for block in self.blocks:
            h = norm(x)
            q, k, v = place(split(h @ block.query)), place(split(h @ block.key)), split(h @ block.value)
            scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
            mixed = scores.masked_fill(hidden_future, -math.inf).softmax(-1) @ v
            x = x + mixed.transpose(1, 2).reshape(batch, time_steps, width) @ block.attention_out
            x = x + (norm(x) @ block.up).relu() @ block.down
        return norm(x) @ self.embedding.T


# Initial deviations times the square root of the inputs, as in the embedded proxy.
MATRIX_GAIN = 0.5
EMBEDDING_GAIN = 0.35


def learning_rate(settings, step, steps):
    warmup = math.ceil(settings["warmupShare"] * steps)
    peak = settings["learningRate"]
    if step < warmup:
        return peak * (step + 1) / warmup
    if settings["schedule"] == "cosine":
        return peak * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup))) / 2
    decay = math.ceil(settings["decayShare"] * steps)
    return peak * min(1, (steps - step) / max(1, decay))


class Plan:
    """The sequences of every step: token t of one is tokens[(start + (position + t) mod pool) mod length]."""

    def __init__(self, request):
        self.context = request["budget"]["contextTokens"]
        self.domains = [
            (np.load(domain["tokens"], mmap_mode="r"), domain["poolStart"], domain["poolTokens"])
            for domain in request["domains"]
        ]
        self.sequences = np.load(request["sequences"], mmap_mode="r")

    def read(self, first, last):
        """Sequences [first, last) as int64 [count, context + 1]: what is read, and one token more to predict."""
        rows = np.empty((last - first, self.context + 1), dtype=np.int64)
        for row, (domain, position) in zip(rows, self.sequences[first:last]):
            tokens, start, pool = self.domains[domain]
            row[:] = tokens[(start + (int(position) + np.arange(self.context + 1)) % pool) % len(tokens)]
        return rows


@torch.no_grad()
def document_nats(model, target, context, end_of_document, device, window_tokens=16384):
    """-ln p of each document's predicted tokens, after the end-of-document token, in windows of the context's length."""
    tokens, ends = np.load(target["tokens"]), np.load(target["documentEnds"])
    given = None if target["contextTokens"] is None else np.load(target["contextTokens"])
    windows, start = [], 0
    for document, end in enumerate(ends.tolist()):
        predicted = start + (0 if given is None else int(given[document]))
        short = 0 if given is None else (end - start) % context
        at = start
        while at < end:
            length = min(short if at == start and short else context, end - at)
            if at + length > predicted:
                before = end_of_document if at == start else tokens[at - 1]
                windows.append((document, before, at, length, max(0, predicted - at)))
            at += length
        start = end
    nats = np.zeros(len(ends))
    batch = max(1, window_tokens // context)
    # Windows of like lengths together: little padding.
    windows.sort(key=lambda window: window[3])
    for first in range(0, len(windows), batch):
        members = windows[first:first + batch]
        longest = members[-1][3]
        inputs = np.zeros((len(members), longest), dtype=np.int64)
        targets = np.full((len(members), longest), -100, dtype=np.int64)
        for row, (_, before, at, length, skipped) in enumerate(members):
            inputs[row, 0], inputs[row, 1:length] = before, tokens[at:at + length - 1]
            targets[row, skipped:length] = tokens[at + skipped:at + length]
        logits = model(torch.from_numpy(inputs).to(device)).float()
        loss = F.cross_entropy(
            logits.transpose(1, 2), torch.from_numpy(targets).to(device), ignore_index=-100, reduction="none"
        )
        for (document, *_), value in zip(members, loss.double().sum(1).tolist()):
            nats[document] += value
    return nats.tolist()


def write_atomically(path, write):
    write(path + ".tmp")
    os.replace(path + ".tmp", path)


def write_json(path, value):
    def write(temporary):
        with open(temporary, "w") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())

    write_atomically(path, write)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--request", required=True)
    arguments.add_argument("--out", required=True)
    arguments = arguments.parse_args()
    with open(arguments.request) as file:
        request = json.load(file)
    unknown = set(request["settings"]) - set(DEFAULTS)
    if unknown:
        sys.exit(f"settings that this trainer does not know: {', '.join(sorted(unknown))}")
    settings = {**DEFAULTS, **request["settings"]}
    budget = request["budget"]
    context, batch, steps = budget["contextTokens"], budget["batchSequences"], budget["steps"]

    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    on_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if on_gpu else torch.device("cpu")
    if world > 1:
        dist.init_process_group("nccl" if on_gpu else "gloo")
    if batch % world != 0:
        sys.exit(f"batchSequences={batch} should be a multiple of the {world} processes")

    torch.manual_seed(request["seed"])
    shape = {name: settings[name] for name in ("width", "layers", "heads", "positions")}
    model = Model(request["tokenizer"]["vocabularySize"], context, **shape).to(device)
    if request["initialParameters"] is not None:
        flat = torch.from_numpy(np.load(request["initialParameters"]))
        if len(flat) != sum(parameter.numel() for parameter in model.parameters()):
            sys.exit(f"{request['initialParameters']} has {len(flat)} parameters, the model another number")
        torch.nn.utils.vector_to_parameters(flat.to(device), model.parameters())
    if request["startFrom"] is not None:
        model.load_state_dict(torch.load(request["startFrom"], map_location=device))
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        parameters, betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"],
        weight_decay=settings["weightDecay"],
    )
    plan = Plan(request)
    checkpoint = os.path.join(arguments.out, "checkpoint.pt")
    start, losses, seconds = 0, [], 0.0
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint, map_location=device)
        if saved["requestHash"] == request["requestHash"]:
            model.load_state_dict(saved["model"])
            optimizer.load_state_dict(saved["optimizer"])
            start, losses, seconds = saved["step"], saved["losses"], saved["seconds"]

    began = saved_at = time.monotonic()

    def save(step):
        state = dict(requestHash=request["requestHash"], step=step, losses=losses,
                     seconds=seconds + time.monotonic() - began,
                     model=model.state_dict(), optimizer=optimizer.state_dict())
        write_atomically(checkpoint, lambda temporary: torch.save(state, temporary))

    own = batch // world
    for step in range(start, steps):
        # All processes stop at the same step, or some would wait for the others for ever.
        stop = torch.tensor(float(bool(stopping)), device=device)
        if world > 1:
            dist.all_reduce(stop, op=dist.ReduceOp.MAX)
        if stop.item() > 0:
            if rank == 0:
                save(step)
            sys.exit(RESUMABLE)
        if rank == 0 and time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            save(step)
            saved_at = time.monotonic()

        first = step * batch + rank * own
        rows = torch.from_numpy(plan.read(first, first + own)).to(device)
        logits = model(rows[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        loss = loss.detach()
        if world > 1:
            # Plain data parallelism: every process has the mean of all gradients.
            for parameter in parameters:
                dist.all_reduce(parameter.grad)
                parameter.grad /= world
            dist.all_reduce(loss)
            loss /= world
        if not math.isfinite(loss.item()):
            sys.exit(f"the loss is {loss.item()} at step {step + 1} of {steps}: lower the learning rate")
        torch.nn.utils.clip_grad_norm_(parameters, settings["clipNorm"])
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, step, steps)
        optimizer.step()
        losses.append(loss.item())

    if rank == 0:
        end = request["tokenizer"]["endOfDocument"]
        targets = [
            dict(name=target["name"], documentNats=document_nats(model, target, context, end, device))
            for target in request["targets"]
        ]
        if settings["saveModel"]:
            write_atomically(
                os.path.join(arguments.out, "model.pt"), lambda temporary: torch.save(model.state_dict(), temporary)
            )
        write_json(os.path.join(arguments.out, "result.json"), dict(
            formatVersion=1, requestHash=request["requestHash"], targets=targets,
            tokensSeen=steps * batch * context, seconds=seconds + time.monotonic() - began, trainingNats=losses,
        ))
        if os.path.exists(checkpoint):
            os.remove(checkpoint)


if __name__ == "__main__":
    main()
