namespace Rebound.Cli.Suggestions;

/// <summary>Other words for the values of options that take one of a list.</summary>
internal static class ValueSynonyms
{
    private static readonly (string Typed, string Meant)[] Table =
    [
        ("bf16 bfloat brain", "bfloat16"),
        ("fp32 f32 float full single", "float32"),
        ("fp16 f16 half", "float16"),
        ("sft positive-only success-only rft", "vanilla"),
        ("apo_zero apo_zero_unpaired apo apo-zero-unpaired", "apo-zero"),
        ("c-rlft crlft", "weighted"),
        ("sigmoid eto", "dpo"),
        ("never none off false", "no"),
        ("epochs each-epoch", "epoch"),
        ("step", "steps"),
        ("cosine_with_restarts cosine_with_min_lr cosine_annealing", "cosine"),
        ("constant-with-warmup warmup", "constant_with_warmup"),
        ("chat messages chatml chatgpt conversation", "openai"),
        ("vicuna conversations", "sharegpt"),
        ("natinstruct nat-instruct", "nat"),
        ("ignore drop leave-out continue", "skip"),
        ("fail stop raise", "error"),
        ("cut trunc", "truncate"),
        ("strict exact-reference", "reference"),
        ("success successful correct good", "positive"),
        ("failure failed incorrect bad", "negative"),
    ];

    /// <summary>The value of the list that a word says too; null for none.</summary>
    public static string? Find(string typed, IReadOnlyList<string> values) => Table
        .Where(entry => entry.Typed.Split(' ').Contains(typed, StringComparer.OrdinalIgnoreCase) && values.Contains(entry.Meant))
        .Select(entry => entry.Meant).FirstOrDefault();
}
