using Microsoft.Extensions.AI;
using Rebound.Agents.Tasks;
using Rebound.Files.Messages;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Runs;

/// <summary>One way in which an evaluation asks every question.</summary>
/// <param name="Name">As it was asked for; its folder and its row in tables.</param>
/// <param name="Condition">The prompt's own name of the condition.</param>
/// <param name="Opposite">The condition to keep away from; null without guidance.</param>
/// <param name="Weight">w of guidance.</param>
internal sealed record EvaluatedCondition(string Name, PromptTemplate Prompt, string Condition, string? Opposite, float Weight)
{
    /// <exception cref="ArgumentException">The prompt has no such condition.</exception>
    /// <exception cref="OptionsException">Guidance has nothing to keep away from.</exception>
    public static EvaluatedCondition Of(string name, PromptTemplate prompt, double? guidance) =>
        name != EvaluationOptions.Guided || guidance is null
        ? new EvaluatedCondition(name, prompt, prompt.Find(name), null, 0)
        : new EvaluatedCondition(
            name,
            prompt,
            prompt.Positive,
            prompt.Negative ?? throw new OptionsException(
                nameof(EvaluationOptions.Guidance), $"Guidance needs a negative condition, and the prompt '{prompt.Name}' has none."),
            (float)guidance.Value);

    /// <summary>The folder's name: the condition's, without characters that file systems refuse.</summary>
    public string Folder => string.Join('_', Name.Split(Path.GetInvalidFileNameChars()));

    public IReadOnlyList<Turn> Ask(TaskQuestion question) => Prompt.Ask(question.Question, Condition);

    /// <summary>The model that answers an episode of the question.</summary>
    /// <exception cref="InvalidOperationException">It is to be guided, and cannot be.</exception>
    public IChatClient Client(IChatClient model, TaskQuestion question) => Opposite is null
        ? model
        : model.GetRequiredService<IGuidableModel>().Guided(Ask(question).Count, Prompt.Ask(question.Question, Opposite), Weight);
}
