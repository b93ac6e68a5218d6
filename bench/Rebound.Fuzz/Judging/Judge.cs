using System.Diagnostics;
using System.Text.RegularExpressions;
using Rebound.Cli;
using Rebound.Cli.Terminal;

namespace Rebound.Fuzz.Judging;

/// <summary>
/// Says of what a reader threw whether it may: it is one of the exceptions that the command line makes a sentence of, and the sentence is
/// one, in a person's words.
/// </summary>
internal static partial class Judge
{
    /// <summary>How long an input may take, of the processor: a busy machine makes nothing hang.</summary>
    public static readonly TimeSpan MostWork = TimeSpan.FromSeconds(5);

    /// <summary>How long an input may take by the clock, where nothing is done and something waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Characters of a sentence at most, with what is left of its quotes.</summary>
    private const int LongestSentence = 2_000;

    /// <summary>What is wrong with an exception; null for nothing.</summary>
    public static (Fault Fault, string Place, string Detail)? Of(Exception exception)
    {
        var (_, sentence) = ErrorBoundary.Explain(exception);
        var place = $"{exception.GetType().Name} at {PlaceOf(exception)}";
        if (exception.GetType() == typeof(OutOfMemoryException))
        {
            return (Fault.Memory, place, sentence);
        }

        if (sentence.StartsWith("Unexpected ", StringComparison.Ordinal))
        {
            return (Fault.Unexpected, place, sentence);
        }

        // What .NET says of its own arguments and streams is not about the input.
        if (exception is ArgumentException or InvalidDataException or IOException && IsOfTheRuntime(exception))
        {
            return (Fault.Words, place, $"a message of the runtime: {sentence}");
        }

        return OfSentence(sentence) is { } flaw ? (Fault.Words, place, $"{flaw}: {sentence}") : null;
    }

    /// <summary>What is wrong with a sentence as the command line shows it; null for nothing.</summary>
    public static string? OfSentence(string sentence) => MessageText.Cut(sentence) switch
    {
        "" => "nothing is said",
        { Length: > LongestSentence } shown => $"{shown.Length} characters",
        var shown when InternalWords().Match(shown) is { Success: true } found => $"'{found.Value}'",
        var shown when shown.Contains("\n   at ", StringComparison.Ordinal) => "a stack trace",
        _ => null,
    };

    /// <summary>The first method of Rebound's on the way down to where an exception was thrown.</summary>
    public static string PlaceOf(Exception exception)
    {
        var frame = new StackTrace(exception, fNeedFileInfo: false).GetFrames().Select(DiagnosticMethodInfo.Create)
            .OfType<DiagnosticMethodInfo>()
            .FirstOrDefault(method => IsRebounds(method.DeclaringAssemblyName));
        return frame is null ? "no method of Rebound" : $"{frame.DeclaringTypeName}.{frame.Name}";
    }

    /// <summary>
    /// Whether the runtime or a package threw it. A method of Rebound's may have been compiled into the one here that called it.
    /// </summary>
    private static bool IsOfTheRuntime(Exception exception) =>
        exception.TargetSite?.Module.Assembly.GetName().Name is { } thrower
            && !thrower.StartsWith("rebound", StringComparison.OrdinalIgnoreCase);

    private static bool IsRebounds(string assembly) => assembly.StartsWith("rebound", StringComparison.OrdinalIgnoreCase)
        && !assembly.StartsWith("Rebound.Fuzz", StringComparison.Ordinal);

    /// <summary>Names that only a programmer of .NET knows.</summary>
    [GeneratedRegex(
        @"\b\w+Exception\b|\bSystem\.[A-Z]|\bMicrosoft\.[A-Z]|Object reference|\bparameter '|\bParameter '|\b[A-Z][a-z]\w*`\d|"
            + @"\bNullable\b|\bUtf8Json|\bJsonNode\b|\bInt32\b|\bBytePositionInLine\b|\bLineNumber:",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex InternalWords();
}
