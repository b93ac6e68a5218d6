using Rebound.Agents.Episodes;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Cli.Options;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>Reads what <see cref="AgentOptions"/> and <see cref="QuestionOptions"/> amount to.</summary>
internal static class AgentSetupReader
{
    /// <param name="model">The card of one trained here gives task, tools and prompt where options do not.</param>
    public static AgentSetup Read(
        AgentOptions options, QuestionOptions questions, CommandContext context, OptionChecks checks, AgentModel model)
    {
        var episodes = options.ReadEpisodes(context, checks);
        var name = context.Get(options.Task) ?? model.Card?.Task;
        if (name is null)
        {
            checks.Add($"{options.Task.Name} is required, as the model says none: {options.Task.Description}.");
        }

        if (!questions.AreNamed(context) && (name is null || AgentNeeds.NeedsQuestions(name)))
        {
            checks.Add($"{questions.Need.Names} is required: {questions.Need.Reason}.");
        }

        checks.ThrowIfAny();
        var task = TaskJudge.With(options, context, TaskRegistry.Open(name!));
        var (path, chosen) = questions.Read(context, task);
        return Of(options, context, task, chosen, episodes, model) with { QuestionPath = path };
    }

    /// <summary>The setup for questions that are known, prompted as options, the model's card or the task say.</summary>
    public static AgentSetup Of(
        AgentOptions options, CommandContext context, AgentTask task, IReadOnlyList<TaskQuestion> questions, EpisodeOptions episodes,
        AgentModel model)
    {
        var chosen = options.WithTools(episodes, context, task, model);
        var prompt = options.ReadPrompt(context, task, model.Card, chosen.ToolFormat)!;
        return new AgentSetup(task, questions, prompt, prompt.Find(context.Require(options.Condition)), chosen);
    }

    /// <summary>Says of causes that an option may mend which one it is.</summary>
    public static void TellCauses(AgentOptions options, AgentSetup setup, CommandContext context, IEnumerable<string> causes)
    {
        if (causes.Contains(FailureCause.TokenLimit.Name()))
        {
            context.Terminal.Note(
                $"Turns were cut off at {setup.Episodes.MaxOutputTokens:N0} tokens; {options.MaxTokens.Name} allows more.");
        }
    }
}
