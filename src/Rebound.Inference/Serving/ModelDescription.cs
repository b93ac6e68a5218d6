using System.Text.Json;
using Rebound.Trajectories.Formats;

namespace Rebound.Inference.Serving;

/// <summary>A served model, for who chooses between them.</summary>
/// <param name="Name">As requests name it.</param>
/// <param name="Names">With the conditions that requests may name behind it; empty where there are none.</param>
public sealed record ModelDescription(string Name, IReadOnlyList<string> Names)
{
    /// <summary>Why it takes no conversations; null where it takes them.</summary>
    public string? Problem { get; init; }

    /// <summary>The conditions of its prompt; empty where it was trained without.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>The condition that it is asked under where its name says none; null without conditions.</summary>
    public string? Positive { get; init; }

    /// <summary>The condition of failures; null where there is none.</summary>
    public string? Negative { get; init; }

    /// <summary>The schemas of the tools that it learned with; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>The names of those tools.</summary>
    public IReadOnlyList<string> ToolNames => Tools is { ValueKind: JsonValueKind.Array } tools
        ? [.. tools.EnumerateArray().Select(tool => new FunctionSchema(tool).Name)]
        : [];

    public static ModelDescription Of(ServedModel model)
    {
        var card = model.Profile?.Card;
        return new ModelDescription(model.Name, ServedModels.NamesOf(model))
        {
            Problem = model.ProfileProblem,
            Conditions = card?.Prompt is { } prompt ? [.. prompt.Conditions.Select(condition => condition.Name)] : [],
            Positive = card?.Prompt is { Conditions.Count: > 0 } positive ? positive.Positive : null,
            Negative = card?.Prompt?.Negative,
            Tools = card?.Tools,
        };
    }
}
