using Rebound.Agents.Episodes;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Study.Improvement;

/// <summary>The agent that improves, apart from its model: task, questions, tools.</summary>
/// <param name="Questions">Those that it tries and learns from.</param>
/// <param name="HeldOut">Those that its models are evaluated on; none of them is tried.</param>
/// <param name="Tools">Stay the caller's to dispose of.</param>
/// <param name="Episodes">How far it may go.</param>
public sealed record ImprovedAgent(
    AgentTask Task, IReadOnlyList<TaskQuestion> Questions, IReadOnlyList<TaskQuestion> HeldOut, ToolSet Tools,
    EpisodeOptions Episodes)
{
    /// <summary>
    /// How the model to begin with and a teacher are asked; null for as the task says, or the model's own card. Models that are trained on
    /// the way are asked as their cards say.
    /// </summary>
    public Func<AgentModel, IReadOnlyList<TaskQuestion>, AgentSetup>? Begin { get; init; }

    /// <summary>The task's YAML file, for the cards of models; null for a built-in task.</summary>
    public string? TaskPath { get; init; }

    /// <summary>
    /// How questions are asked in training: as the model to begin with is asked, unless that was trained without conditions and the task's
    /// own prompt has some.
    /// </summary>
    /// <param name="model">The model to begin with.</param>
    public PromptTemplate TrainingPrompt(AgentModel model, ImprovementOptions options)
    {
        var setup = AtFirst(model, Questions, options);
        var isLearned = options.TellsOutcomes && setup.Prompt == model.Card?.Prompt;
        var own = isLearned && setup.Prompt.Conditions.Count == 0 && Task.Prompt is not null
            ? TaskPrompt.Open(Task, setup.Episodes.ToolFormat)
            : setup.Prompt;
        return (setup with { Prompt = own }).PromptWith(Tools);
    }

    internal AgentSetup AsTrained(AgentModel model, IReadOnlyList<TaskQuestion> questions, string condition) =>
        AgentSetup.Of(Task, questions, model, Episodes, condition);

    /// <summary>
    /// The setup of the model to begin with, or of a teacher. One that was not trained here is asked without conditions where none are
    /// told in training.
    /// </summary>
    internal AgentSetup AtFirst(AgentModel model, IReadOnlyList<TaskQuestion> questions, ImprovementOptions options)
    {
        var setup = Begin?.Invoke(model, questions) ?? AsTrained(model, questions, options.Condition);
        if (options.TellsOutcomes || model.Card is not null)
        {
            return setup;
        }

        var prompt = setup.Prompt.Unconditioned();
        return setup with { Prompt = prompt, Condition = prompt.Find(options.Condition) };
    }

    /// <exception cref="ArgumentException">A question is both tried and held out, or there are none of either.</exception>
    public void Check()
    {
        if (Questions.Count == 0 || HeldOut.Count == 0)
        {
            throw new ArgumentException("There must be questions to try, and others to evaluate on.");
        }

        var tried = Questions.Select(question => question.Question).ToHashSet(StringComparer.Ordinal);
        var both = HeldOut.Where(question => tried.Contains(question.Question)).ToArray();
        if (both.Length > 0)
        {
            throw new ArgumentException(
                $"{both.Length:N0} of {HeldOut.Count:N0} held-out questions are also tried and learned from, the first with the id "
                    + $"{both[0].IdText}: an evaluation on them would say nothing.");
        }
    }
}
