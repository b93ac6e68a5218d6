using System.Text.Json;
using System.Text.RegularExpressions;
using Rebound.Files.Messages;

namespace Rebound.Files.Json;

/// <summary>Describes errors of JSON for people: without the parser's terms, with lines counted from 1.</summary>
public static partial class JsonProblem
{
    /// <summary>
    /// The line, the member where it is known, and what is wrong there, for example <c>line 3: it ends within an object or a list</c>
    /// or <c>line 1, 'messages[0].content': it holds bytes that are not UTF-8</c>.
    /// </summary>
    public static string Of(Exception exception) => exception is JsonException { LineNumber: { } line } json
        ? $"line {line + 1}{(json is StrictJsonException { Path: { } member } ? $", '{member}'" : "")}: {Sentence(exception)}"
        : Sentence(exception);

    /// <summary>
    /// The error alone, without place and full stop: a syntax error, or a value of the wrong type, for example
    /// <c>'max_steps' is not a whole number</c>.
    /// </summary>
    public static string Sentence(Exception exception) => exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.') switch
    {
        var message when message.StartsWith("The input does not contain any JSON tokens", StringComparison.Ordinal) => "there is nothing",
        var message when message.StartsWith("Expected depth to be zero", StringComparison.Ordinal) => "it ends within an object or a list",
        var message when message.StartsWith("The maximum configured depth", StringComparison.Ordinal) => $"it {Nesting.TooDeep}",
        var message when message.Contains("reached end of data", StringComparison.Ordinal) => "it ends within a value",
        var message when message.Contains("is an invalid JSON literal", StringComparison.Ordinal) =>
            "it holds a word other than true, false and null",
        var message when OtherType().Match(message) is { Success: true } found =>
            $"{Member(found.Groups["path"].Value)} is not {Kind(found.Groups["type"].Value)}",
        var message when NotNull().Match(message) is { Success: true } found => $"'{found.Groups["name"].Value}' is null",
        var message when Missing().Match(message) is { Success: true } found => $"it lacks {found.Groups["names"].Value}",
        var message => message,
    };

    private static string Member(string path) => path.TrimStart('$').TrimStart('.') is { Length: > 0 } member ? $"'{member}'" : "it";

    private static string Kind(string type) => type.TrimEnd(']') switch
    {
        "Int32" or "Int64" => "a whole number that can be used",
        "Double" or "Single" => "a number that can be used",
        "Boolean" => "true or false",
        "String" => "a text",
        _ => "what is read there",
    };

    [GeneratedRegex(@"^The JSON value could not be converted to (System\.)?(Nullable`1\[System\.)?(?<type>[\w\[\]`]+).* Path: (?<path>\S*)",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex OtherType();

    [GeneratedRegex("^The (constructor parameter|property or field) '(?<name>[^']*)' on type '[^']*' doesn't allow (setting )?null values",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NotNull();

    [GeneratedRegex("^JSON deserialization for type '[^']*' was missing required properties.*: (?<names>'.*')$",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Missing();
}
