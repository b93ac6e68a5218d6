using System.Text.RegularExpressions;

namespace Rebound.Hub;

/// <summary>A model on the hub: <c>OWNER/NAME</c>, and behind a colon one of its files, or a GGUF file's quantization.</summary>
/// <param name="Selector">The file or the quantization; null for what a model needs.</param>
public sealed partial record HubReference(string Owner, string Name, string? Selector)
{
    /// <summary>For example <c>Qwen/Qwen3-0.6B</c>.</summary>
    public string Repository => $"{Owner}/{Name}";

    public override string ToString() => Selector is null ? Repository : $"{Repository}:{Selector}";

    /// <summary>Null for what is no name on the hub.</summary>
    public static HubReference? Find(string text)
    {
        var match = Form().Match(text);
        return !match.Success || match.Groups["name"].Value.Contains("..", StringComparison.Ordinal) ? null : new HubReference(
            match.Groups["owner"].Value, match.Groups["name"].Value,
            match.Groups["selector"] is { Success: true } selector ? selector.Value : null);
    }

    [GeneratedRegex(
        @"^(?:https?://huggingface\.co/|hf\.co/|hf://|hf:)?(?<owner>[A-Za-z0-9][\w.-]*)/(?<name>[A-Za-z0-9][\w.-]*?)"
            + @"(?::(?<selector>[\w.-]+(?:/[\w.-]+)*))?/?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
