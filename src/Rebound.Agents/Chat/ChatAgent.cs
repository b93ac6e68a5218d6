using System.Text.Json;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Chat;

/// <summary>The agent of a chat: a model with tools, or a model alone.</summary>
/// <param name="Task">The task's name; null for none.</param>
/// <param name="Tools">Null for a model that just answers.</param>
/// <param name="Prompt">How questions are worded; null for as they stand.</param>
public sealed record ChatAgent(string? Task, ToolSet? Tools, PromptTemplate? Prompt)
{
    /// <summary>How it calls them.</summary>
    public ToolFormat ToolFormat { get; init; } = ToolFormat.React;

    /// <summary>The schemas of the tools that it was trained with; null for the tools' own.</summary>
    public JsonElement? ToolSchemas { get; init; }

    /// <summary>A model without tools or prompt.</summary>
    public static ChatAgent Plain { get; } = new(null, null, null);

    /// <summary>The prompt's conditions; empty where it has none.</summary>
    public IReadOnlyList<string> Conditions =>
        Prompt is not { Conditions.Count: > 0 } ? []
        : [.. Prompt.Conditions.Select(condition => condition.Name),
            .. Prompt.Question is null ? Array.Empty<string>() : [Conversation.Unconditioned]];

    /// <summary>Resolves a condition, given by its role, as <c>none</c>, or by name, to the prompt's name for it.</summary>
    /// <exception cref="ArgumentException">There is no such condition.</exception>
    public string FindCondition(string name) =>
        Conditions.Count > 0 ? Prompt!.Find(name)
        : name == Conversation.Unconditioned ? name
        : throw new ArgumentException(Prompt is null
            ? "Nothing tells this model a condition: it was not trained with one, and no task or prompt gives it one."
            : $"The prompt '{Prompt.Name}' has no conditions.");

    /// <summary>The turns that put a question, as in training: the prompt's opening, and the question as the condition words it.</summary>
    /// <param name="turns">The conversation so far, with the question last; none of it in the loss.</param>
    internal IReadOnlyList<Turn> Ask(IReadOnlyList<Turn> turns, string condition) =>
        (ToolFormat == ToolFormat.React ? ToolPrompt.Fill(Prompt, Tools) : Prompt)?.Apply(turns, condition) ?? turns;

    /// <summary>
    /// The turns before a question, opened by the tools that the prompt does not tell, so that they are saved with what was said.
    /// </summary>
    internal IReadOnlyList<Turn> Open(IReadOnlyList<Turn> turns) =>
        ToolFormat == ToolFormat.React && ToolPrompt.Untold(Prompt, Tools) is { } schemas ? ToolPrompt.Tell(turns, schemas) : turns;
}
