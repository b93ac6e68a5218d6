using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;

namespace Rebound.Study.Grids;

/// <summary>A task on which every trained model is examined.</summary>
/// <param name="Name">As tables name it; unique in a study.</param>
/// <param name="Tools">Not owned.</param>
public sealed record GridTask(string Name, AgentTask Task, IReadOnlyList<TaskQuestion> Questions, ToolSet Tools)
{
    /// <summary>Where the questions are from; null for no file.</summary>
    public string? QuestionPath { get; init; }

    /// <summary>A fingerprint of what its tools look into; null for nothing.</summary>
    public string? ToolData { get; init; }

    public EpisodeOptions Episodes { get; init; } = new();

    /// <summary>Logits are divided by it; 0 takes the likeliest token.</summary>
    public float Temperature { get; init; }

    /// <summary>Of the draws.</summary>
    public long Seed { get; init; }

    /// <summary>Episodes at once.</summary>
    public int Concurrency { get; init; } = 256;

    /// <summary>Whether nothing like its questions was learned from.</summary>
    public bool IsOutOfDistribution { get; init; }

    /// <summary>Several tries at the first questions, for pass@k and the model's own verdicts; null for none.</summary>
    public GridTries? Tries { get; init; }

    /// <summary>Everything that decides the scores of a model, to tell results under other settings apart.</summary>
    internal JsonObject Describe() => new()
    {
        ["task"] = Task.Name,
        ["questions"] = QuestionLoader.Fingerprint(Questions),
        ["temperature"] = Temperature,
        ["seed"] = Seed,
        ["step_limit"] = Episodes.StepLimit,
        ["max_tokens"] = Episodes.MaxOutputTokens,
        ["parsing"] = Episodes.Parsing.ToString(),
        ["tool_format"] = Episodes.ToolFormat.ToString(),
        ["tools"] = string.Join(", ", Tools.ActionNames),
        ["tool_data"] = ToolData,
        ["tries"] = Tries is null ? null : new JsonArray(Tries.Questions, Tries.Samples, Tries.Temperature),
    };
}

/// <summary>Several tries at each of some questions.</summary>
/// <param name="Questions">The first ones of the task; all if there are fewer.</param>
/// <param name="Samples">Tries at each.</param>
public sealed record GridTries(int Questions, int Samples, float Temperature);
