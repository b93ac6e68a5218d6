"""Decoding with a Llama in plain PyTorch on a GPU: the peer of `Rebound.Bench cuda-decode`.

usage: cuda_decode.py [SHAPE[:BATCH] ...] [--steps N] [--no-compile]     SHAPE: 7b | smollm2-135m | tiny

Random bf16 weights, a cache of fixed size, the step with its choice of the likeliest token compiled into one CUDA graph
(torch.compile, "reduce-overhead"), as gpt-fast has it (https://github.com/pytorch-labs/gpt-fast). Prompts are read
eagerly, with PyTorch's own attention. Prints a table: the steps after the prompts alone, and the prompts alone. Bytes of a
step are all weights that it multiplies with and the keys and values before its tokens, each read once; the copy rate is
that of a large copy within the GPU's memory, read and written, in the same run. On a CPU nothing is compiled.
"""
import contextlib
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

WARM_UP = 8
ROUNDING = 64  # tokens that the cache is rounded up to
PREFILL_TOKENS = 16384  # of one pass
SHAPES = {
    # hidden, feed-forward, layers, heads, key/value heads, vocabulary, tied head, prompt tokens, batches
    "7b": (4096, 11008, 32, 32, 32, 32000, False, 540, (1, 32, 128)),
    "smollm2-135m": (576, 1536, 30, 9, 3, 49152, True, 490, (1, 256)),
    "tiny": (64, 128, 2, 4, 2, 256, True, 20, (1, 3)),
}
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
TYPE = torch.bfloat16 if DEVICE == "cuda" else torch.float32


class RmsNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-5)).type_as(x) * self.weight


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin


class Block(nn.Module):
    def __init__(self, hidden, feed, heads, kv_heads, batch, context):
        super().__init__()
        self.heads, self.kv_heads, self.dim = heads, kv_heads, hidden // heads
        self.norm1, self.norm2 = RmsNorm(hidden), RmsNorm(hidden)
        self.qkv = nn.Linear(hidden, (heads + 2 * kv_heads) * self.dim, bias=False)
        self.o = nn.Linear(hidden, hidden, bias=False)
        self.gate_up = nn.Linear(hidden, 2 * feed, bias=False)
        self.down = nn.Linear(feed, hidden, bias=False)
        self.register_buffer("keys", torch.zeros(batch, kv_heads, context, self.dim))
        self.register_buffer("values", torch.zeros(batch, kv_heads, context, self.dim))

    def forward(self, x, cos, sin, positions, mask, rows):
        d, t, _ = x.shape
        fused = self.qkv(self.norm1(x)).view(d, t, -1, self.dim).transpose(1, 2)
        q, k, v = fused.split((self.heads, self.kv_heads, self.kv_heads), 1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if rows is None:  # a step: everything that is cached, masked
            self.keys[:, :, positions] = k
            self.values[:, :, positions] = v
            k, v = self.keys, self.values
        else:
            self.keys[rows, :, :t] = k
            self.values[rows, :, :t] = v
        group = self.heads // self.kv_heads
        if group > 1:
            k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        if rows is not None and hasattr(F, "scaled_dot_product_attention"):
            heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-1, -2)) * self.dim ** -0.5
            heads = scores.float().masked_fill(~mask, float("-inf")).softmax(-1).type_as(v) @ v
        x = x + self.o(heads.transpose(1, 2).reshape(d, t, -1))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, shape, batch, context):
        super().__init__()
        hidden, feed, layers, heads, kv_heads, vocabulary, tied = shape
        self.embed = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.ModuleList(Block(hidden, feed, heads, kv_heads, batch, context) for _ in range(layers))
        self.norm = RmsNorm(hidden)
        self.head = nn.Linear(hidden, vocabulary, bias=False)
        if tied:
            self.head.weight = self.embed.weight
        dim = hidden // heads
        places, pairs = torch.arange(context, dtype=torch.float32), torch.arange(0, dim, 2, dtype=torch.float32)
        angles = torch.outer(places, 10000.0 ** (-pairs / dim)).repeat(1, 2)
        self.register_buffer("cos", angles.cos().to(TYPE))
        self.register_buffer("sin", angles.sin().to(TYPE))
        self.register_buffer("seen", torch.ones(context, context, dtype=torch.bool).tril())

    def forward(self, tokens, positions, rows=None):
        """The likeliest token after each of tokens [D, T]; rows: the cache's, of prompts that are read."""
        t = tokens.shape[1]
        x, cos, sin = self.embed(tokens), self.cos[positions], self.sin[positions]
        mask = self.seen[positions] if rows is None else self.seen[:t, :t]
        for block in self.blocks:
            x = block(x, cos, sin, positions, mask, rows)
        return self.head(self.norm(x[:, -1:])).argmax(-1)

    def bytes_of_step(self, context):
        """Of all sequences with that many tokens before them."""
        weights = {id(p): p.numel() * p.element_size() for p in self.parameters()}
        if self.head.weight is not self.embed.weight:
            del weights[id(self.embed.weight)]
        cache = sum(b.keys[:, :, 0].numel() * b.keys.element_size() for b in self.blocks)
        return sum(weights.values()) + 2 * context * cache


def now():
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def copy_rate():
    """Bytes read and written a second."""
    source = torch.zeros((1 << 30) if DEVICE == "cuda" else (1 << 26), dtype=torch.uint8, device=DEVICE)
    target, seconds = torch.empty_like(source), []
    for _ in range(7):
        start = now()
        for _ in range(10):
            target.copy_(source)
        seconds.append((now() - start) / 10)
    return 2 * source.numel() / min(seconds)


@torch.no_grad()
def measure(name, batch, steps, compiled, rate):
    *shape, prompt, _ = SHAPES[name]
    context = -(-(prompt + WARM_UP + steps + 1) // ROUNDING) * ROUNDING
    torch.manual_seed(1)
    torch.set_default_dtype(TYPE)
    with torch.device("cuda") if DEVICE == "cuda" else contextlib.nullcontext():
        model = Llama(shape, batch, context).eval()
    torch.set_default_dtype(torch.float32)
    for parameter in model.parameters():
        if parameter.dim() == 2:
            nn.init.normal_(parameter, std=0.02)
    prompts = torch.randint(shape[5], (batch, prompt), device=DEVICE)
    reading = torch.arange(prompt, device=DEVICE)
    at_once = max(1, PREFILL_TOKENS // prompt)

    def prefill():
        parts = [slice(first, min(batch, first + at_once)) for first in range(0, batch, at_once)]
        return torch.cat([model(prompts[rows], reading, rows) for rows in parts])

    prefill()
    start = now()
    tokens = prefill()
    read = now() - start

    step = torch.compile(model, mode="reduce-overhead", fullgraph=True) if compiled else model
    position = torch.tensor([prompt], device=DEVICE)
    for number in range(WARM_UP + steps):
        if number == WARM_UP:
            start = now()
        if compiled:
            torch.compiler.cudagraph_mark_step_begin()
        tokens = step(tokens, position).clone()
        position += 1
    seconds = (now() - start) / steps
    moved = model.bytes_of_step(prompt + WARM_UP + steps / 2)
    peak = torch.cuda.max_memory_allocated() / 2**30 if DEVICE == "cuda" else 0
    print(f"{name:<16}{batch:>6}{batch / seconds:>12,.0f}{1e3 * seconds:>11.3f}{moved / 1e9:>10.3f}"
          f"{moved / seconds / rate:>10.1%}{batch * prompt / read:>14,.0f}{peak:>10.1f}", flush=True)


def main():
    arguments = sys.argv[1:]
    steps = int(arguments[arguments.index("--steps") + 1]) if "--steps" in arguments else 128
    compiled = DEVICE == "cuda" and "--no-compile" not in arguments
    asked = [a for a in arguments if a.split(":")[0] in SHAPES] or ["7b", "smollm2-135m"]
    rate = copy_rate()
    print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name() if DEVICE == 'cuda' else 'the CPU'}, "
          f"{'compiled' if compiled else 'not compiled'}, greedy, {steps} steps after {WARM_UP}; a copy reaches {rate / 1e12:.2f} TB/s")
    print(f"{'shape':<16}{'batch':>6}{'tokens/s':>12}{'ms a step':>11}{'GB a step':>10}{'of copy':>10}{'prefill, t/s':>14}{'peak GiB':>10}")
    for word in asked:
        name, _, batch = word.partition(":")
        for size in [int(batch)] if batch else SHAPES[name][-1]:
            measure(name, size, steps, compiled, rate)
            if DEVICE == "cuda":
                if compiled:
                    torch._dynamo.reset()
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()


main()
