namespace Rebound.Models.Adapters;

/// <summary>PEFT's names of an adapter's tensors.</summary>
internal static class PeftNames
{
    private const string Prefix = "base_model.model.";
    private const string DownPart = ".lora_A.";
    private const string UpPart = ".lora_B.";
    private const string Suffix = "weight";

    public static string Down(string module) => Prefix + module + DownPart + Suffix;

    public static string Up(string module) => Prefix + module + UpPart + Suffix;

    /// <summary>
    /// A parameter's name as files have it: in a running PEFT model the adapter's own name stands before the last part,
    /// <c>….lora_A.default.weight</c>. Other names stay as they are.
    /// </summary>
    public static string WithoutAdapter(string parameter)
    {
        foreach (var part in new[] { DownPart, UpPart })
        {
            var at = parameter.IndexOf(part, StringComparison.Ordinal);
            if (parameter.StartsWith(Prefix, StringComparison.Ordinal) && at >= 0
                && parameter.EndsWith($".{Suffix}", StringComparison.Ordinal))
            {
                return parameter[..(at + part.Length)] + Suffix;
            }
        }

        return parameter;
    }
}
