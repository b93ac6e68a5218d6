using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;

namespace Rebound.Cli.Configuration;

/// <summary>An option with the value that a command works with.</summary>
/// <param name="Name">Without dashes before it.</param>
/// <param name="Origin"><c>command line</c>, <c>default</c>, a file with its line, or a variable.</param>
internal sealed record ResolvedOption(string Name, IReadOnlyList<string> Values, string Origin)
{
    /// <summary>The origin of an option that was not set.</summary>
    public const string Default = "default";

    public string Text => string.Join(' ', Values);
}

/// <summary>Every option of a command that has a value, for the records of a run.</summary>
internal static class ResolvedOptions
{
    public static IReadOnlyList<ResolvedOption> Of(ParseResult parse, OptionOrigins origins) =>
    [
        .. parse.CommandResult.Command.Options
            .Select(option => Of(option, parse.GetResult(option), origins))
            .Where(option => option.Values.Count > 0),
    ];

    /// <summary>
    /// The options as a file that <c>--config</c> reads, each with its origin as a comment; defaults are a comment wholly,
    /// since some mean something else when they are set.
    /// </summary>
    public static string ToYaml(IEnumerable<ResolvedOption> options)
    {
        var text = new StringBuilder();
        foreach (var option in options)
        {
            var value = option.Values.Count == 1 ? Quoted(option.Values[0]) : $"[{string.Join(", ", option.Values.Select(Quoted))}]";
            var mark = option.Origin == ResolvedOption.Default ? "# " : "";
            text.Append(CultureInfo.InvariantCulture, $"{mark}{option.Name}: {value}  # {option.Origin}\n");
        }

        return text.ToString();
    }

    private static ResolvedOption Of(Option option, OptionResult? result, OptionOrigins origins)
    {
        var name = option.Name.TrimStart('-');
        return result is { Implicit: false }
            ? new ResolvedOption(name, Given(result), origins.Of(option) ?? "command line")
            : new ResolvedOption(name, option.HasDefaultValue ? Values(option.GetDefaultValue()) : [], ResolvedOption.Default);
    }

    private static string[] Given(OptionResult result) =>
        result.Tokens.Count > 0 ? [.. result.Tokens.Select(token => token.Value)] : ["true"];

    private static string[] Values(object? value) => value switch
    {
        null => [],
        string text => [text],
        IEnumerable several => [.. several.Cast<object>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)!)],
        _ => [Convert.ToString(value, CultureInfo.InvariantCulture)!],
    };

    /// <summary>Plain where YAML reads the same text back, in double quotes otherwise.</summary>
    private static string Quoted(string value)
    {
        var plain = value.Length > 0
            && value is not ("null" or "~")
            && (char.IsAsciiLetterOrDigit(value[0]) || value[0] is '/' or '.' or '-')
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+');
        return plain
            ? value
            : $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t").Replace("\r", "\\r")}\"";
    }
}
