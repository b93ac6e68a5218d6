using System.CommandLine;

namespace Rebound.Cli.Train;

/// <summary>
/// Options of transformers' TrainingArguments and of the NAT reference that ask for nothing that could be done here
/// otherwise. They are accepted, so that command lines run as they are, and each says in one line what is done instead.
/// </summary>
internal sealed class AcceptedOptions
{
    private const string Precision = "--dtype chooses what is computed in, bfloat16 on a GPU and float32 on the CPU; weights are trained "
        + "exactly in fp32";
    private const string Divided = "--zero says what ranks divide, and nothing else is read or set up for it";
    private const string Rendered = "documents are rendered before the first step, and their tokens are kept";
    private const string LastModel = "the best held-out loss is shown; the model that is written is the last step's";
    private const string Held = "held-out documents are packed to --pack-tokens";
    private const string Local = "nothing is uploaded";
    private const string Lines = "--quiet and --logging-steps say what is printed";
    private const string Files = "the model is read from the files that --model names";

    /// <summary>Values with which an option asks for what happens anyway.</summary>
    private static readonly string[] Off = ["false", "no", "none", "0", "0.0", ""];

    private static readonly string[] On = ["true", "1"];

    private static readonly (string Name, string Instead, string[] SaysNothing)[] Table =
    [
        ("bf16", Precision, Off), ("fp16", Precision, Off), ("tf32", Precision, Off),
        ("bf16-full-eval", Precision, Off), ("fp16-full-eval", Precision, Off), ("half-precision-backend", Precision, []),
        ("fp16-opt-level", Precision, []), ("fp16-backend", Precision, []), ("torch-dtype", Precision, ["float32"]),
        ("fsdp", Divided, Off), ("fsdp-config", Divided, Off),
        ("fsdp-min-num-params", Divided, Off), ("fsdp-transformer-layer-cls-to-wrap", Divided, []),
        ("ddp-backend", Divided, []), ("ddp-find-unused-parameters", Divided, Off), ("ddp-timeout", Divided, []),
        ("ddp-bucket-cap-mb", Divided, []), ("ddp-broadcast-buffers", Divided, Off), ("local-rank", Divided, ["-1", "0"]),
        ("accelerator-config", Divided, []), ("average-tokens-across-devices", Divided, Off),
        ("gradient-checkpointing-kwargs", "blocks are recomputed whole or not at all", []),
        ("auto-find-batch-size", "memory is planned before the first step; --pack-tokens limits it", Off),
        ("torch-compile", "there is nothing to compile", Off), ("torch-compile-backend", "there is nothing to compile", []),
        ("attn-implementation", "attention is exact and inside each document", []),
        ("flash-attn", "attention is exact and inside each document", Off),
        ("use-cpu", "--device chooses", On), ("no-cuda", "--device chooses", On), ("use-mps-device", "--device chooses", Off),
        ("lazy-preprocess", Rendered, Off), ("preprocessing-num-workers", Rendered, []), ("dataloader-num-workers", Rendered, Off),
        ("dataloader-pin-memory", Rendered, [.. On, .. Off]), ("dataloader-persistent-workers", Rendered, Off),
        ("dataloader-prefetch-factor", Rendered, []),
        ("remove-unused-columns", Rendered, [.. On, .. Off]), ("data-seed", "--seed orders the documents", []),
        ("dataloader-drop-last", "the last step of an epoch reads the documents that are left", Off),
        ("group-by-length", "documents are packed to --pack-tokens, without padding", Off),
        ("padding-side", "documents are packed, without padding", []), ("length-column-name", "documents are packed, without padding", []),
        ("ignore-data-skip", "a resumed run goes on with the documents of its next step", Off),
        ("optim", "AdamW is used", ["adamw_torch", "adamw_hf", "adamw_torch_fused", "adamw"]), ("optim-args", "AdamW is used", []),
        ("label-smoothing-factor", "the loss is the plain cross-entropy", Off), ("neftune-noise-alpha", "no noise is added", Off),
        ("per-device-eval-batch-size", Held, []), ("eval-accumulation-steps", Held, []), ("eval-delay", "--eval-steps says when", Off),
        ("prediction-loss-only", "the loss alone is measured", On), ("do-train", "rebound train trains", On),
        ("do-eval", "--held-out and --eval-path say what is measured", [.. On, .. Off]), ("do-predict", "rebound generate predicts", Off),
        ("eval-on-start", "the held-out loss is measured after steps", Off),
        ("load-best-model-at-end", LastModel, Off), ("metric-for-best-model", LastModel, ["loss", "eval_loss"]),
        ("greater-is-better", LastModel, Off),
        ("save-safetensors", "weights are written as safetensors", On),
        ("save-only-model", "checkpoints hold the optimizer's state, so that they can be resumed", Off),
        ("save-on-each-node", Divided, Off), ("run-name", "the run's name is that of its output folder", []),
        ("logging-strategy", Lines, ["steps"]), ("logging-first-step", "the first step is always printed", [.. On, .. Off]),
        ("logging-nan-inf-filter", "a loss that is not a number ends the run", Off), ("disable-tqdm", Lines, [.. On, .. Off]),
        ("log-level", Lines, []), ("skip-memory-metrics", Lines, On),
        ("include-num-input-tokens-seen", "tokens are always counted", [.. On, .. Off]),
        ("lora-bias", "adapters have no biases", ["none"]), ("lora-task-type", "adapters are of language models", ["CAUSAL_LM"]),
        ("push-to-hub", Local, Off), ("hub-model-id", Local, []), (Secret, Local, []), ("hub-strategy", Local, []),
        ("hub-private-repo", Local, Off),
        ("cache-dir", Files, []), ("model-revision", Files, []), ("trust-remote-code", Files, Off),
        ("use-fast-tokenizer", Files, [.. On, .. Off]),
        ("tokenizer-name", Files, []), ("config-name", Files, []),
    ];

    /// <summary>The option whose value nobody else may see.</summary>
    private const string Secret = "hub-token";

    private readonly (Option<string?> Option, string Instead, string[] SaysNothing)[] _options = [.. Table.Select(Create)];

    public IEnumerable<Option> All => _options.Select(entry => entry.Option);

    /// <summary>One line for every option that was given and asks for something else than what is done.</summary>
    public IEnumerable<string> Notes(CommandContext context)
    {
        foreach (var (option, instead, saysNothing) in _options)
        {
            var value = context.IsGiven(option) ? context.Get(option) ?? On[0] : null;
            if (value is not null && !saysNothing.Contains(value, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"{option.Name} {(IsSecret(option.Name) ? "…" : value)}: {instead}.";
            }
        }
    }

    /// <summary>Whether the value of an option must not be printed or written.</summary>
    public static bool IsSecret(string option) => option.TrimStart('-') == Secret;

    private static (Option<string?> Option, string Instead, string[] SaysNothing) Create(
        (string Name, string Instead, string[] SaysNothing) entry)
    {
        var option = new Option<string?>($"--{entry.Name}")
        {
            Description = $"Accepted: {entry.Instead}",
            Arity = ArgumentArity.ZeroOrOne,
            Hidden = true,
        };
        return (option, entry.Instead, entry.SaysNothing);
    }
}
