"""A full training step of a Llama written in plain PyTorch: the peer of `Rebound.Bench steps`.

usage: train_step.py CONFIG TOKENS [STEPS] [THREADS]     CONFIG: llama-15m | smollm2-135m

Packed documents of 256 tokens, attention per document, every token supervised, gradient clipping, AdamW: the work that
Rebound's step does, with the operators that a PyTorch user would write. Prints one JSON line.
"""
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

CONFIGS = {
    "llama-15m": dict(layers=6, hidden=288, feed=768, heads=6, kv_heads=6, vocabulary=32000, base=10000.0),
    "smollm2-135m": dict(layers=30, hidden=576, feed=1536, heads=9, kv_heads=3, vocabulary=49152, base=100000.0),
}
DOCUMENT = 256


class RmsNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv_heads, self.dim = c["heads"], c["kv_heads"], c["hidden"] // c["heads"]
        self.norm1, self.norm2 = RmsNorm(c["hidden"]), RmsNorm(c["hidden"])
        kv = self.kv_heads * self.dim
        self.q = nn.Linear(c["hidden"], c["hidden"], bias=False)
        self.k = nn.Linear(c["hidden"], kv, bias=False)
        self.v = nn.Linear(c["hidden"], kv, bias=False)
        self.o = nn.Linear(c["hidden"], c["hidden"], bias=False)
        self.gate = nn.Linear(c["hidden"], c["feed"], bias=False)
        self.up = nn.Linear(c["hidden"], c["feed"], bias=False)
        self.down = nn.Linear(c["feed"], c["hidden"], bias=False)

    def forward(self, x, cos, sin, mask):
        d, t, _ = x.shape
        h = self.norm1(x)
        q = rotate(self.q(h).view(d, t, self.heads, self.dim).transpose(1, 2), cos, sin)
        k = rotate(self.k(h).view(d, t, self.kv_heads, self.dim).transpose(1, 2), cos, sin)
        v = self.v(h).view(d, t, self.kv_heads, self.dim).transpose(1, 2)
        group = self.heads // self.kv_heads
        if group > 1:
            k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        scores = q @ k.transpose(-1, -2) * self.dim ** -0.5 + mask
        x = x + self.o((scores.softmax(-1) @ v).transpose(1, 2).reshape(d, t, -1))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed = nn.Embedding(c["vocabulary"], c["hidden"])
        self.blocks = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.norm = RmsNorm(c["hidden"])
        dim = c["hidden"] // c["heads"]
        angles = torch.outer(torch.arange(DOCUMENT), c["base"] ** (-torch.arange(0, dim, 2) / dim))
        self.cos, self.sin = torch.cat((angles, angles), -1).cos(), torch.cat((angles, angles), -1).sin()
        self.mask = torch.full((DOCUMENT, DOCUMENT), float("-inf")).triu(1)
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin, self.mask)
        return self.norm(x) @ self.embed.weight.T


def main():
    name, tokens = sys.argv[1], int(sys.argv[2])
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    threads = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    config = CONFIGS[name]
    model = Llama(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, betas=(0.9, 0.95), weight_decay=0.1)
    ids = torch.randint(0, config["vocabulary"], (tokens // DOCUMENT, DOCUMENT))
    times = []
    for step in range(steps + 1):
        start = time.perf_counter()
        logits = model(ids)[:, :-1]
        loss = F.cross_entropy(logits.reshape(-1, config["vocabulary"]), ids[:, 1:].reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step > 0:
            times.append(time.perf_counter() - start)
    print(json.dumps({
        "peer": f"PyTorch {torch.__version__}", "config": name, "tokens": tokens, "threads": threads,
        "best_s": min(times), "median_s": statistics.median(times), "loss": loss.item()}))


main()
