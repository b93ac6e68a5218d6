using Rebound.Agents.Scoring;
using Rebound.Trajectories;

namespace Rebound.Agents.Tasks;

/// <summary>A task: its questions, its agent's tools, and its scoring.</summary>
/// <param name="Name">As trajectories and reports name it.</param>
/// <param name="Judge">Says whether an answer is right.</param>
/// <param name="Tools">The names of the tools beside <c>finish</c>.</param>
/// <param name="Prompt">How its questions are asked, unless the caller says otherwise: a built-in prompt's name or a file.</param>
/// <param name="Template">The template, where the prompt is a file of the reference.</param>
/// <param name="Fields">The fields of its question files.</param>
public sealed record AgentTask(
    string Name,
    IJudge Judge,
    IReadOnlyList<string> Tools,
    string? Prompt,
    string? Template,
    QuestionFields Fields)
{
    /// <summary>The agent's tool format, where the caller names none; null for the model's.</summary>
    public ToolFormat? ToolFormat { get; init; }

    /// <summary>The prompt for agents that call tools natively; null for <see cref="Prompt"/>.</summary>
    public string? NativePrompt { get; init; }

    /// <summary>The question file of each split, <c>train</c> and <c>test</c>: names to look for under the data's folder.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Files { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Tool servers that the task needs, command lines or addresses; started only where the caller allows it.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>
    /// The judge's command, started only where the caller allows it; until then <see cref="Judge"/> cannot judge. Null for a scorer.
    /// </summary>
    public string? JudgeCommand { get; init; }

    /// <summary>Answers by which the judge is tried before it is used.</summary>
    public IReadOnlyList<TaskExample> Examples { get; init; } = [];
}

/// <summary>The fields of a question file.</summary>
/// <param name="Id">May be absent from the rows; they are counted from 0 then.</param>
public sealed record QuestionFields(string Question, string GroundTruth, string Id)
{
    public static QuestionFields Usual { get; } = new("question", "answer", "id");
}
