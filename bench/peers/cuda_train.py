"""Training steps of a Llama with Hugging Face transformers on a GPU: the peer of `Rebound.Bench cuda-steps`.

usage: cuda_train.py SHAPE ROWS [--pure-bf16] [--compile]     SHAPE: 7b | 7b-lora | smollm2-135m

ROWS are documents as `rebound data render` writes them. They are packed end to end into rows of 4,096 tokens, with
causal attention over the whole row, as users of transformers pack. Weights are fp32 with bf16 autocast (an exact fp32
master, as Rebound's), or bf16 alone with --pure-bf16, whose updates are rounded; AdamW is fused. Blocks are recomputed
in the backward where the activations would not fit. Prints one JSON line.
"""
import json
import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

ROW = 4096
WARM_UP, STEPS = 1, 2
LLAMA_7B = dict(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
                num_key_value_heads=32, vocab_size=32000, max_position_embeddings=4096, rms_norm_eps=1e-5)
SHAPES = {
    # model, rows of a pass, passes of a step, recompute blocks
    "7b": (LLAMA_7B, 1, 8, True),
    "7b-lora": (LLAMA_7B, 2, 4, False),
    "smollm2-135m": (dict(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
                          num_key_value_heads=3, vocab_size=49152, max_position_embeddings=8192, rms_norm_eps=1e-5,
                          tie_word_embeddings=True), 4, 4, False),
}


def packed(path):
    tokens, labels = [], []
    with open(path) as file:
        for line in file:
            row = json.loads(line)
            tokens += row["input_ids"]
            labels += row["labels"]
    whole = len(tokens) // ROW * ROW
    return (torch.tensor(tokens[:whole]).view(-1, ROW).cuda(), torch.tensor(labels[:whole]).view(-1, ROW).cuda())


def main():
    shape, path = sys.argv[1:3]
    pure, compiled = "--pure-bf16" in sys.argv, "--compile" in sys.argv
    config, rows, passes, recompute = SHAPES[shape]
    lora = shape.endswith("lora")
    if pure and shape == "7b":
        rows, passes, recompute = 2, 4, False
    tokens, labels = packed(path)
    torch.manual_seed(1)
    torch.set_default_dtype(torch.bfloat16 if pure or lora else torch.float32)
    with torch.device("cuda"):
        model = LlamaForCausalLM(LlamaConfig(**config, attn_implementation="sdpa", use_cache=False))
    torch.set_default_dtype(torch.float32)
    if lora:
        from peft import LoraConfig, get_peft_model
        model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"))
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()
    if recompute:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-5, fused=True)
    forward = torch.compile(model) if compiled else model
    cursor, seconds = 0, []
    for _ in range(WARM_UP + STEPS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(passes):
            batch = slice(cursor, cursor + rows)
            cursor = cursor + rows if cursor + 2 * rows <= len(tokens) else 0
            with torch.autocast("cuda", torch.bfloat16, enabled=not pure):
                loss = forward(input_ids=tokens[batch], labels=labels[batch]).loss / passes
            loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    used = seconds[WARM_UP:]
    precision = "bf16 alone, no master" if pure else "LoRA r 16, bf16" if lora else "fp32 master, bf16 autocast"
    print(json.dumps({
        "peer": f"transformers, PyTorch {torch.__version__}, {precision}{', torch.compile' if compiled else ''}, "
                f"{rows} x {ROW}{', blocks recomputed' if recompute else ''}",
        "tokens_per_second": rows * passes * ROW * len(used) / sum(used),
        "peak_gib": torch.cuda.max_memory_allocated() / 2**30,
    }))


main()
