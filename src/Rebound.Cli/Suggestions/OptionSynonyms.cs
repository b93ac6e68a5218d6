using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Suggestions;

/// <summary>
/// Options by their names in other programs: transformers, PEFT, Axolotl, LLaMA-Factory, torchtune, MLX, llama.cpp, vLLM, lm-eval and
/// Ollama. Names have no dashes before them.
/// </summary>
internal static class OptionSynonyms
{
    private const string Metrics = "Nothing is sent to a service: metrics go to metrics.jsonl and TensorBoard's files in the output folder "
        + "(tensorboard --logdir DIR).";
    private const string Download = "'rebound pull OWNER/NAME' downloads a model, and --model OWNER/NAME then names it.";
    private const string Several = "'rebound train' divides its work over ranks: --nproc-per-node and --zero.";
    private const string OneDevice = "One device computes; work is not spread over several.";
    private static readonly string Methods =
        $"The methods are {string.Join(", ", TrainingMethods.Names)} (--method of 'rebound train').";

    private const string Reference =
        "The model that training starts from is the reference: what it says of the documents is computed once, at the start.";

    /// <summary>
    /// Names, and the option that does the same; of several the first that the command has. <c>name=value</c> gives the value too,
    /// <c>command:name</c> counts for that command alone, and <c>name+name</c> are several together.
    /// </summary>
    public static IReadOnlyList<(string Typed, string[] Meant)> Renamed { get; } =
    [
        ("lr base-lr peak-lr max-lr learn-rate lrate step-size", ["learning-rate"]),
        ("batch-size batch bs b train-batch-size micro-batch-size per-device-batch-size per-gpu-batch-size per-gpu-train-batch-size "
            + "batch-size-per-device global-batch-size",
            ["per-device-train-batch-size", "batch-size", "concurrency"]),
        ("epochs epoch num-epochs n-epochs nb-epochs train-epochs max-epochs num-epoch", ["num-train-epochs"]),
        ("iters iterations max-iters num-iters num-steps train-steps total-steps num-train-steps max-train-steps steps n-steps",
            ["max-steps", "steps"]),
        ("num-samples n-samples repeats best-of num-generations", ["samples", "task-end-index", "count", "pos-num+neg-num"]),
        ("limit max-samples num-examples n-examples max-examples sample-limit max-questions num-questions n-questions max-train-samples "
            + "subset first head",
            ["task-end-index", "count", "results", "questions", "pos-num+neg-num"]),
        ("dry-run dryrun dry preview estimate simulate check just-print no-op", ["plan"]),
        ("accum accumulate grad-accum grad-accum-steps accumulation-steps gradient-accumulation accumulate-grad-batches grad-acc-steps gas",
            ["gradient-accumulation-steps"]),
        ("max-seq-length max-seq-len max-sequence-length seq-len seq-length sequence-len sequence-length cutoff-len context-length "
            + "context-len block-size max-len max-length ctx-size ctx n-ctx",
            ["model-max-length", "max-new-tokens", "max-tokens"]),
        ("max-tokens max-new-tokens n-predict num-predict predict n max-completion-tokens max-output-tokens max-gen-toks max-gen-len "
            + "new-tokens num-tokens",
            ["max-new-tokens", "max-tokens"]),
        ("temp temperature", ["temperature", "temperatures"]),
        ("enable-thinking thinking think reasoning-mode enable-reasoning rea", ["reasoning"]),
        ("no-think disable-thinking no-thinking nothink no-reasoning", ["reasoning=off"]),
        ("p", ["generate:prompt"]),
        ("question query ask q user user-message text chat", ["generate:message"]),
        ("sys system-prompt system-message system-text sys-prompt", ["system"]),
        ("gpu gpus cuda use-gpu use-cuda gpu-id num-gpus n-gpus n-gpu-layers gpu-layers ngl device-map", ["device=cuda"]),
        ("cpu cpu-only no-gpu use-cpu no-cuda", ["device=cpu"]),
        ("output o out output-dir output-path output-folder output-directory output-file out-dir outdir out-file save-dir save-path "
            + "save-to dest destination result-dir results-dir",
            ["output-dir", "output"]),
        ("dataset datasets train-file train-data training-data dataset-path dataset-name dataset-dir data-path data-dir data-files "
            + "train-path train-dataset input-file file jsonl",
            ["data", "input"]),
        ("questions question-file questions-path questions-file", ["question-path"]),
        ("pos positive positives positive-path positive-data successes success-path pos-file pos-data", ["pos-path"]),
        ("neg negative negatives negative-path negative-data failures failure-path neg-file neg-data", ["neg-path"]),
        ("model m base-model model-name model-path model-id model-dir model-file pretrained pretrained-model-name-or-path checkpoint ckpt",
            ["model", "tokenizer"]),
        ("tokenizer tokenizer-path tokenizer-file vocab", ["tokenizer", "model"]),
        ("lora lora-path lora-adapter lora-adapters adapter-path adapter-name-or-path adapters peft-model peft-path",
            ["adapter", "use-lora"]),
        ("r rank lora-dim adapter-rank", ["lora-rank"]),
        ("alpha lora-scale lora-scaling", ["lora-alpha"]),
        ("dropout", ["lora-dropout"]),
        ("target-modules lora-target lora-modules lora-layers target-layers", ["lora-targets"]),
        ("peft qlora finetuning-type finetune-type fine-tune-type train-type", ["use-lora"]),
        ("scheduler lr-scheduler lr-schedule schedule lr-decay-style scheduler-type", ["lr-scheduler-type"]),
        ("warmup num-warmup-steps n-warmup-steps warmup-iters lr-warmup-steps lr-warmup-iters", ["warmup-steps"]),
        ("lr-warmup-ratio warmup-fraction warmup-proportion", ["warmup-ratio"]),
        ("wd decay l2", ["weight-decay"]),
        ("clip grad-clip clip-grad gradient-clip gradient-clip-val gradient-clipping max-gradient-norm clip-grad-norm grad-norm",
            ["max-grad-norm"]),
        ("beta1", ["adam-beta1"]),
        ("beta2", ["adam-beta2"]),
        ("eps epsilon adam-eps", ["adam-epsilon"]),
        ("save-every save-interval save-freq checkpoint-every checkpointing-steps checkpoint-interval", ["save-steps"]),
        ("keep-checkpoints save-limit max-checkpoints keep-last keep", ["save-total-limit"]),
        ("log-every log-interval log-freq log-steps logging-interval steps-per-report print-every", ["logging-steps"]),
        ("log-dir tensorboard-dir tb-dir tb-log-dir", ["logging-dir"]),
        ("tensorboard use-tensorboard tracker", ["report-to"]),
        ("eval-every eval-interval eval-freq steps-per-eval val-check-interval", ["eval-steps"]),
        ("val-size val-set-size validation-split val-split test-size eval-split validation-size val-fraction val-ratio holdout hold-out",
            ["held-out"]),
        ("val-file validation-file eval-file eval-data eval-dataset val-data val-path validation-path validation-data", ["eval-path"]),
        ("resume-from continue continue-from resume-training resume-from-ckpt load-checkpoint restart", ["resume"]),
        ("overwrite force overwrite-output replace", ["overwrite-output-dir", "overwrite"]),
        ("grad-checkpoint grad-checkpointing activation-checkpointing activation-checkpoint recompute", ["gradient-checkpointing"]),
        ("precision mixed-precision compute-dtype compute-type data-type torch-dtype bf16 fp16 fp32", ["dtype"]),
        ("output-dtype save-precision outtype save-type", ["save-dtype"]),
        ("workers num-workers parallel num-concurrent max-concurrency max-workers", ["concurrency", "threads", "batch-size"]),
        ("t n-threads num-threads threads-batch cpus cores j jobs nproc", ["threads"]),
        ("s random-seed rng-seed random-state manual-seed", ["seed"]),
        ("repeat-penalty rep-pen repetition-pen", ["repetition-penalty"]),
        ("stop-sequence stop-sequences stop-string stop-strings stop-words stop-word reverse-prompt", ["stop"]),
        ("topk", ["top-k"]),
        ("topp nucleus", ["top-p"]),
        ("minp", ["min-p"]),
        ("guided-json schema-file", ["json-schema"]),
        ("grammar-file gbnf ebnf guided-grammar", ["grammar"]),
        ("response-format json-mode", ["json-schema", "json-object"]),
        ("cfg cfg-scale guidance-scale", ["guidance"]),
        ("api-base base-url api-url openai-api-base url server server-url host api-endpoint", ["endpoint"]),
        ("api-key openai-api-key key", ["key-variable"]),
        ("tasks benchmark", ["task"]),
        ("split", ["task-split"]),
        ("start start-index offset skip", ["task-start-index"]),
        ("end end-index until", ["task-end-index"]),
        ("max-turns max-iterations max-steps max-rounds turns steps-limit", ["step-limit"]),
        ("timeout", ["episode-timeout", "request-timeout"]),
        ("search web google", ["web-search"]),
        ("corpus wiki database db", ["index"]),
        ("mcp-server mcp-url", ["mcp"]),
        ("from input-format data-format", ["format"]),
        ("output-format to-format", ["to"]),
        ("id row-id ids", ["id"]),
        ("rows line lines", ["row"]),
        ("hidden hidden-dim hidden-dimension d-model n-embd embedding-size", ["hidden-size"]),
        ("n-layers num-layers num-hidden-layers n-layer depth", ["layers"]),
        ("n-heads num-heads num-attention-heads n-head", ["heads"]),
        ("debug trace stacktrace", ["verbose"]),
        ("silent no-progress", ["quiet"]),
        ("config-file configuration conf yaml", ["config"]),
        ("stage algorithm algo objective loss-type rl-type pref-loss", ["method"]),
        ("pref-beta kto-beta dpo-beta", ["beta"]),
        ("kto-chosen-weight chosen-weight", ["desirable-weight"]),
        ("kto-rejected-weight rejected-weight", ["undesirable-weight"]),
        ("epsilon cliprange clip-eps", ["clip-range"]),
        ("usage man ?", ["help"]),
    ];

    /// <summary>Names of what there is not, and what to do instead; a name that goes on after a dash counts too.</summary>
    public static IReadOnlyList<(string Typed, string Instead)> Absent { get; } =
    [
        ("wandb use-wandb mlflow comet neptune trackio clearml swanlab", Metrics),
        ("hf hf-repo hf-file repo-id repo hf-token hub-token download mu model-url", Download),
        ("tensor-parallel tensor-parallel-size pipeline-parallel-size nproc-per-node num-machines nnodes num-processes world-size tp pp dp",
            OneDevice),
        ("dpo ppo grpo orpo simpo kto nft rlhf reward-model", Methods),
        ("ref-model ref-adapters", Reference),
        ("num-beams beams beam beam-search", "Tokens are drawn one by one; there is no beam search."),
        ("stream no-stream", "Text is written as it comes; --quiet leaves notes out."),
        ("c ctx ctx-size n-ctx num-ctx", "The context is as long as the model's own."),
        ("i interactive interactive-first cnv conversation", "'rebound chat' is the conversation."),
        ("load-in-4bit load-in-8bit quantize quantization bits bnb",
            "A quantized .gguf file can be the --model and stays as it is; 'rebound train' has --quantize-base, and "
            + "'rebound export' writes such files."),
        ("fsdp accelerate ddp", Several),
        ("num-fewshot fewshot shots n-shot few-shot", "The prompt holds the examples: --prompt names a file of one's own."),
        ("yes y assume-yes", "Nothing asks back."),
    ];
}
