using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Files.Json;

namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Calls as Qwen3-Coder and Nemotron 3 write them,
/// <c>&lt;function=name&gt;&lt;parameter=x&gt;…&lt;/parameter&gt;&lt;/function&gt;</c>. Values stand in lines of their own, texts as
/// they are and all others as Python or JSON has them, so that the tool's schema has to tell which they are.
/// </summary>
/// <remarks>https://huggingface.co/Qwen/Qwen3-Coder-30B-A3B-Instruct</remarks>
internal static partial class TaggedCalls
{
    /// <param name="text">The text in the place of calls.</param>
    /// <param name="isClosed">Whether the mark that ends a call came.</param>
    /// <param name="schema">The schema of a tool's argument, by the names of both; null where none is known.</param>
    public static bool TryRead(
        string text, bool isClosed, Func<string, string, JsonElement?> schema, [NotNullWhen(true)] out IReadOnlyList<CallPart>? calls)
    {
        calls = text.AsSpan().TrimStart().StartsWith("<function=")
            ? [.. Functions().Matches(text).Select(match => Read(match, isClosed, schema))]
            : null;
        return calls is { Count: > 0 };
    }

    private static CallPart Read(Match call, bool isClosed, Func<string, string, JsonElement?> schema)
    {
        var (name, inside) = (call.Groups["name"].Value.Trim(' ', '"', '\''), call.Groups["inside"].Value);
        if (!isClosed && !call.Groups["end"].Success)
        {
            return new CallPart(name, inside.Trim(), ToolCallText.NotWhole);
        }

        var values = Parameters().Matches(inside);
        if (values.Count == 0 && inside.AsSpan().Trim() is ['{', ..])
        {
            return ToolCallText.OfText(name, inside.Trim());
        }

        var arguments = new JsonObject();
        foreach (Match value in values)
        {
            var key = value.Groups["key"].Value.Trim(' ', '"', '\'');
            arguments[key] = ArgumentValue.Of(value.Groups["value"].Value, schema(name, key));
        }

        return new CallPart(name, arguments.ToJsonString(JsonOutput.OneLine), null);
    }

    // What a text means must not depend on the clock: these expressions go back over nothing, so that they take time in proportion to it,
    // and have no limit of time.

    /// <summary>A call; a closing tag within a value does not end it.</summary>
    [GeneratedRegex(
        @"<function=(?<name>(?>[^<>\r\n]+))>(?<inside>.*?)(?:(?<end></function>)(?>\s*)(?=<function=|\z)|\z)",
        RegexOptions.Singleline | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Functions();

    /// <summary>An argument, without the line ends that its tags have.</summary>
    [GeneratedRegex(
        @"<parameter=(?<key>(?>[^<>\r\n]+))>(?:\r?\n)?(?<value>.*?)(?:\r?\n)?(?:</parameter>(?>\s*)(?=<parameter=|\z)|\z)",
        RegexOptions.Singleline | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Parameters();
}
