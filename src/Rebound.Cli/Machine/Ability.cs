using System.Text.Json.Nodes;

namespace Rebound.Cli.Machine;

/// <summary>How fast a device does something with a model, or how much memory it would need.</summary>
/// <param name="TokensPerSecond">To be expected where it fits.</param>
/// <param name="Bytes">The memory it takes.</param>
internal sealed record Ability(bool Fits, double TokensPerSecond, long Bytes)
{
    public static Ability Of(long bytes, long available, double tokensPerSecond) => new(bytes <= available, tokensPerSecond, bytes);

    /// <summary>For example <c>140 tokens/s</c>, or <c>needs 27 GiB</c>; two digits say enough.</summary>
    public override string ToString() => Fits ? $"{TwoDigits(TokensPerSecond):#,0.##} tokens/s" : $"needs {Fact.Bytes(Bytes)}";

    public JsonObject ToJson() => new()
    {
        ["fits"] = Fits,
        ["tokens_per_second"] = Fits ? TwoDigits(TokensPerSecond) : null,
        ["bytes"] = Bytes,
    };

    private static double TwoDigits(double value)
    {
        var scale = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 0.01))) - 1);
        return Math.Round(Math.Round(value / scale) * scale, 2);
    }
}

/// <summary>The abilities of a device with one model.</summary>
/// <param name="Training">Of all weights.</param>
/// <param name="Adapter">A low-rank one beside them.</param>
/// <param name="Prompt">Reading.</param>
/// <param name="Answer">Writing, one conversation at a time.</param>
internal sealed record ModelVerdict(string Name, long Parameters, Ability Training, Ability Adapter, Ability Prompt, Ability Answer)
{
    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["parameters"] = Parameters,
        ["training"] = Training.ToJson(),
        ["adapter"] = Adapter.ToJson(),
        ["prompt"] = Prompt.ToJson(),
        ["answer"] = Answer.ToJson(),
    };
}
