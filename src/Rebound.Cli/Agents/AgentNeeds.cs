using System.CommandLine;
using System.CommandLine.Parsing;
using Rebound.Agents.Tasks;
using Rebound.Checkpoints;
using Rebound.Cli.Options;
using Rebound.Files.Rows;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>
/// Options that every command with a task needs. A model trained here may name its task, and a task file its questions; where that is
/// not known before the model is open, missing options are reported then.
/// </summary>
internal static class AgentNeeds
{
    public static IReadOnlyList<Need> Of(AgentOptions agent, QuestionOptions questions) =>
    [
        SharedOptions.ModelOrAdapters,
        new Need("the task to try", agent.Task)
        {
            Exception = "unless the model was trained on one",
            IsExempt = result => TaskOf(result, agent.Task) is { Name: not null } or { IsKnown: false },
        },
        questions.Need with
        {
            IsExempt = result => TaskOf(result, agent.Task) is var task && (task.Name is { } name ? !NeedsQuestions(name) : !task.IsKnown),
        },
    ];

    /// <summary>Whether a task's questions must be given by an option.</summary>
    public static bool NeedsQuestions(string task) => BuiltInTasks.Find(task) is not null;

    /// <summary>
    /// The task that was named, or that the model was trained on, and whether that can be known before the model is open.
    /// </summary>
    private static (string? Name, bool IsKnown) TaskOf(CommandResult result, Option<string?> option)
    {
        var folder = result.GetValue(SharedOptions.Adapters) is [var adapter, ..] ? adapter : result.GetValue(SharedOptions.Model);
        if (result.GetValue(option) is { } named)
        {
            return (named, true);
        }

        if (!Directory.Exists(folder))
        {
            return (null, folder is null || File.Exists(folder));
        }

        try
        {
            var card = AgentCard.Find(folder);
            return (card?.Task, card is not null || !File.Exists(Path.Combine(folder, ModelFiles.AdapterConfig)));
        }
        catch (DataException)
        {
            return (null, false);
        }
    }
}
