"""A full training step of a Llama written in plain PyTorch: the peer of `Rebound.Bench steps`.

usage: train_step.py SHAPE TOKENS STEPS THREADS     SHAPE: JSON, as StepShape.cs writes it

Packed documents, attention per document, every token supervised, gradient clipping, AdamW: the work that Rebound's step
does, with the operators that a PyTorch user would write. Prints one JSON line.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

import blas


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
        self.heads, self.kv_heads, self.dim = c["heads"], c["kvHeads"], c["hidden"] // c["heads"]
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
        if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2
            heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            heads = (q @ k.transpose(-1, -2) * self.dim ** -0.5 + mask).softmax(-1) @ v
        x = x + self.o(heads.transpose(1, 2).reshape(d, t, -1))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed = nn.Embedding(c["vocabulary"], c["hidden"])
        self.blocks = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.norm = RmsNorm(c["hidden"])
        dim = c["hidden"] // c["heads"]
        angles = torch.outer(torch.arange(c["document"]), c["ropeBase"] ** (-torch.arange(0, dim, 2) / dim))
        self.cos, self.sin = torch.cat((angles, angles), -1).cos(), torch.cat((angles, angles), -1).sin()
        self.mask = torch.full((c["document"], c["document"]), float("-inf")).triu(1)
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin, self.mask)
        return self.norm(x) @ self.embed.weight.T


def main():
    shape, tokens, steps, threads = json.loads(sys.argv[1]), *map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = Llama(shape)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, betas=(0.9, 0.95), weight_decay=0.1)
    ids = torch.randint(0, shape["vocabulary"], (tokens // shape["document"], shape["document"]))
    seconds = []
    for step in range(steps + 1):
        start = time.perf_counter()
        logits = model(ids)[:, :-1]
        loss = F.cross_entropy(logits.reshape(-1, shape["vocabulary"]), ids[:, 1:].reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step > 0:
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"peer": f"PyTorch {torch.__version__}, {blas.name()}", "loss": loss.item(), "seconds": seconds}))


main()
