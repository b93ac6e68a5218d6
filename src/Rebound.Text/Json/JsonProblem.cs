using System.Text.Json;

namespace Rebound.Text.Json;

/// <summary>What is wrong with JSON, for people: without the reader's own terms, and with lines counted from 1.</summary>
public static class JsonProblem
{
    /// <summary>
    /// The line, the member where it is known, and what is wrong there, for example <c>line 3: it ends within an object or a list</c>
    /// or <c>line 1, 'messages[0].content': it holds bytes that are not UTF-8</c>.
    /// </summary>
    public static string Of(Exception exception) => exception is JsonException { LineNumber: { } line } json
        ? $"line {line + 1}{(json is StrictJsonException { Path: { } member } ? $", '{member}'" : "")}: {Sentence(exception)}"
        : Sentence(exception);

    /// <summary>What is wrong alone, without a full stop.</summary>
    public static string Sentence(Exception exception) => exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.') switch
    {
        var message when message.StartsWith("The input does not contain any JSON tokens", StringComparison.Ordinal) => "there is nothing",
        var message when message.StartsWith("Expected depth to be zero", StringComparison.Ordinal) => "it ends within an object or a list",
        var message when message.StartsWith("The maximum configured depth", StringComparison.Ordinal) => $"it {Nesting.TooDeep}",
        var message when message.Contains("reached end of data", StringComparison.Ordinal) => "it ends within a value",
        var message => message,
    };
}
