namespace Rebound.Cli.Suggestions;

/// <summary>Commands by their names in other programs, and answers for those that do not exist here.</summary>
internal static class CommandSynonyms
{
    private const string Shelf = "A model is a folder or a .gguf file wherever it lies, and --model names it; 'rebound list' shows those "
        + "that were pulled from the hub, which lie in its cache.";
    private const string Machine = "It is one program without settings: options are typed, or stand in a YAML file ('rebound train "
        + "run.yml') or in REBOUND_ variables.";

    /// <summary>Names, and the commands that do the same, as they are typed after <c>rebound</c>.</summary>
    public static IReadOnlyList<(string Typed, string[] Meant)> Renamed { get; } =
    [
        ("finetune fine-tune sft fit tune learn lora qlora pretrain nat teach", ["train"]),
        ("resume continue", ["train --resume auto"]),
        ("plan dry-run estimate", ["train --plan"]),
        ("run", ["chat", "generate"]),
        ("talk repl interactive ask converse", ["chat"]),
        ("infer inference predict complete completions sample gen batch", ["generate"]),
        ("eval evals test benchmark bench score examine exam accuracy", ["evaluate"]),
        ("rescore", ["evaluate --rescore"]),
        ("loop iterate self-improve self-train rft star expert-iteration rejection-sampling", ["improve"]),
        ("rollout rollouts play explore gather harvest", ["collect"]),
        ("server api web ui webui gradio deploy host", ["serve"]),
        ("fuse combine merge-lora merge-adapter", ["merge"]),
        ("save to-gguf gguf quantize quantise quant export-lora convert-hf-to-gguf modelfile", ["export"]),
        ("download fetch get install add clone", ["pull"]),
        ("upload publish share", ["push"]),
        ("ls models", ["list"]),
        ("new create scaffold random", ["init"]),
        ("tokenise token tokens encode tokenizer", ["tokenize"]),
        ("detokenize decode", ["tokenize"]),
        ("chat-template apply-template", ["template"]),
        ("compare parity validate", ["verify"]),
        ("info env system devices hardware gpu gpus status diagnose nvidia-smi", ["doctor"]),
        ("quickstart start tour example examples tutorial play-demo", ["demo"]),
        ("dataset datasets trajectories prepare preprocess", ["data"]),
        ("view cat print inspect look head", ["data show"]),
        ("count describe summary statistics stat", ["data stats"]),
        ("filter dedup deduplicate dedupe", ["data clean"]),
        ("calc calculator compute", ["tool calculate"]),
        ("tools mcp", ["tool"]),
        ("completions-script autocomplete shell-completion install-completion", ["completion"]),
        ("man usage", ["help"]),
    ];

    /// <summary>Names of what there is not, and what to do instead.</summary>
    public static IReadOnlyList<(string Typed, string Instead)> Absent { get; } =
    [
        (
            "login",
            "HF_TOKEN, or the token file that the hub's own tool writes, opens private and gated models, and lets 'rebound push' write."),
        ("ps rm remove delete cp copy stop search-models", Shelf),
        ("convert",
            "'rebound data convert' converts trajectories; models are taken as they are, Hugging Face folders and .gguf files alike, and "
                + "'rebound export' writes either."),
        ("wandb tensorboard log logs metrics monitor dashboard",
            "Metrics are in metrics.jsonl and TensorBoard's files in the output folder of 'rebound train' (tensorboard --logdir DIR)."),
        ("config configure settings set", Machine),
        ("update upgrade self-update", "'git pull' gets a newer version, and the next call builds it."),
        ("dpo ppo grpo orpo rlhf kto reward",
            "'rebound train --method' has dpo, kto, apo-zero, nft and grpo beside vanilla, nut and nat."),
        ("embed embeddings", "There are no embeddings: models here write text."),
        ("agent agents", "'rebound collect', 'rebound evaluate' and 'rebound chat' run agents."),
    ];
}
