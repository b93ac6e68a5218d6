using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Runs;

/// <summary>The questions of a run, and how they are prompted.</summary>
/// <param name="Condition">The prompt's own name of the condition.</param>
/// <param name="Episodes">How an episode goes; temperature and seed are set for each.</param>
public sealed record AgentSetup(
    AgentTask Task, IReadOnlyList<TaskQuestion> Questions, PromptTemplate Prompt, string Condition, EpisodeOptions Episodes)
{
    /// <summary>The file that the questions are from; null for none.</summary>
    public string? QuestionPath { get; init; }

    /// <summary>Creates a setup whose prompt and tool format come from the task and the model.</summary>
    /// <param name="condition">The outcome to ask for: <c>positive</c>, <c>negative</c>, <c>none</c>, or a condition of the prompt.</param>
    /// <exception cref="ArgumentException">Neither says how questions are asked, or the prompt has no such condition.</exception>
    public static AgentSetup Of(
        AgentTask task, IReadOnlyList<TaskQuestion> questions, AgentModel model, EpisodeOptions? episodes = null,
        string condition = "positive")
    {
        var chosen = WithTools(episodes ?? new EpisodeOptions(), model, format: null, task);
        var prompt = TaskPrompt.Find(task, model.Card, chosen.ToolFormat)!;
        return new AgentSetup(task, questions, prompt, prompt.Find(condition), chosen);
    }

    /// <summary>
    /// Options with the tool format resolved, from the options, the task or the model in this order, and with the model's tool schemas.
    /// </summary>
    /// <param name="format">Null where nobody asks for one.</param>
    /// <param name="task">Null where there is none.</param>
    public static EpisodeOptions WithTools(EpisodeOptions episodes, AgentModel model, ToolFormat? format, AgentTask? task) =>
        WithTools(episodes, model.Card, model.ToolFormat, format, task);

    /// <param name="card">The model's; null for one that was not trained here.</param>
    /// <param name="own">How the model calls tools by itself.</param>
    /// <inheritdoc cref="WithTools(EpisodeOptions, AgentModel, ToolFormat?, AgentTask?)"/>
    public static EpisodeOptions WithTools(EpisodeOptions episodes, AgentCard? card, ToolFormat own, ToolFormat? format, AgentTask? task)
    {
        var chosen = format ?? task?.ToolFormat ?? own;
        return episodes with { ToolFormat = chosen, ToolSchemas = chosen == ToolFormat.Native ? card?.Tools : null };
    }

    /// <summary>The prompt with descriptions of the current tools.</summary>
    public PromptTemplate PromptWith(ToolSet tools) =>
        Episodes.ToolFormat == ToolFormat.React ? ToolPrompt.Describe(Prompt, tools)! : Prompt;

    /// <summary>Everything that decides how an agent does, for the files that keep its episodes.</summary>
    public JsonObject Describe()
    {
        var description = new JsonObject
        {
            ["task"] = Task.Name,
            ["questions"] = QuestionPath is { } path ? QuestionLoader.Fingerprint(path) : QuestionLoader.Fingerprint(Questions),
            ["prompt"] = PromptConfiguration.ToJson(Prompt),
            ["condition"] = Condition,
            ["step_limit"] = Episodes.StepLimit,
            ["max_tokens"] = Episodes.MaxOutputTokens,
            ["tool_format"] = Episodes.ToolFormat == ToolFormat.Native ? Episodes.ToolFormat.Name() : null,
            ["parsing"] = Episodes.Parsing.ToString().ToLowerInvariant(),
        };
        if (Task.JudgeCommand is { } judge)
        {
            description["judge"] = judge;
        }

        return description;
    }
}
