namespace Rebound.Trajectories.Parsing;

/// <summary>The syntax of reasoning and tool calls in the output of a chat template's models.</summary>
/// <param name="Reasoning">The marks around reasoning; null where the template knows none.</param>
/// <param name="Calls">The marks around calls of tools; null where calls are bare JSON.</param>
public sealed record TurnSyntax(TurnMarks? Reasoning, TurnMarks? Calls)
{
    private static readonly TurnMarks[] KnownReasoning = [new("<think>", "</think>"), new("[THINK]", "[/THINK]")];

    private static readonly TurnMarks[] KnownCalls =
    [
        // Qwen, Hermes, and what was trained after them.
        new("<tool_call>", "</tool_call>"),

        // Llama 3.1 and later: up to the turn's end.
        new("<|python_tag|>", null),

        // Mistral: up to the turn's end, or the next call.
        new("[TOOL_CALLS]", null),
    ];

    /// <summary>The beginning of calls in tags (<see cref="TaggedCalls"/>), before which models sometimes omit the opening mark.</summary>
    private const string Function = "<function=";

    /// <summary>The beginning of a call whose opening mark is omitted; null where the template has no such calls.</summary>
    public string? Unopened { get; init; }

    /// <summary>Bare JSON alone.</summary>
    public static TurnSyntax Json { get; } = new(null, null);

    /// <summary>Reasoning in its most common marks, and no calls.</summary>
    public static TurnSyntax Reasoned { get; } = new(KnownReasoning[0], null);

    /// <summary>All marks, for tokens that have to be seen in generated text though they are special.</summary>
    public static IReadOnlyList<string> AllMarks { get; } =
        [.. KnownReasoning.Concat(KnownCalls).SelectMany(marks => new[] { marks.Open, marks.Close }).OfType<string>(),
            .. MistralCalls.Marks];

    /// <summary>The syntax that a chat template's source shows.</summary>
    public static TurnSyntax Of(string? template) => template is null ? Json : new(
        Array.Find(KnownReasoning, marks => template.Contains(marks.Close!, StringComparison.Ordinal)),
        Array.Find(KnownCalls, marks => template.Contains(marks.Open, StringComparison.Ordinal)))
    {
        Unopened = template.Contains(Function, StringComparison.Ordinal) ? Function : null,
    };
}

/// <summary>The marks around a part of a turn.</summary>
/// <param name="Close">Null for a part that goes on to the turn's end.</param>
public sealed record TurnMarks(string Open, string? Close);
