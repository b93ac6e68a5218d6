using System.Text.Json;

namespace Rebound.Text.Loading;

/// <summary>What is wrong with JSON, for people: without the reader's own terms, and with lines counted from 1.</summary>
public static class JsonProblem
{
    /// <summary>The line and what is wrong there, for example <c>line 3: it ends within an object or a list</c>.</summary>
    public static string Of(Exception exception) =>
        exception is JsonException { LineNumber: { } line } ? $"line {line + 1}: {Sentence(exception)}" : Sentence(exception);

    /// <summary>What is wrong alone, without a full stop.</summary>
    public static string Sentence(Exception exception) => exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.') switch
    {
        var message when message.StartsWith("The input does not contain any JSON tokens", StringComparison.Ordinal) => "there is nothing",
        var message when message.StartsWith("Expected depth to be zero", StringComparison.Ordinal) => "it ends within an object or a list",
        var message when message.Contains("reached end of data", StringComparison.Ordinal) => "it ends within a value",
        var message => message.Replace(" encountered during deserialization", "", StringComparison.Ordinal),
    };
}
