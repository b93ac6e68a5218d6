using Rebound.Engine;
using Rebound.Models;
using Rebound.Study.Results;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;

namespace Rebound.Study.Likelihood;

/// <summary>
/// How likely a model finds trajectories under the conditions of a prompt: the sum of log p over the tokens of the agent's own turns,
/// each with the token that ends it, as training has them in the loss.
/// </summary>
/// <param name="model">Not used by another thread meanwhile; not owned.</param>
/// <param name="prompt">With a condition of failures.</param>
/// <exception cref="ArgumentException">The prompt has no condition of failures.</exception>
public sealed class AnswerLikelihood(LlamaModel model, ConversationRenderer renderer, PromptTemplate prompt)
{
    private readonly string _negative = prompt.Negative
        ?? throw new ArgumentException($"The prompt '{prompt.Name}' tells failures by no condition.", nameof(prompt));

    /// <summary>The trajectory under the condition of successes, that of failures, and none.</summary>
    /// <param name="question">As the agent was asked it, without the prompt.</param>
    /// <exception cref="RenderingException">The trajectory cannot be rendered for the model.</exception>
    public ConditionedLikelihood Of(string question, Trajectory trajectory)
    {
        var (positive, tokens) = Sum(question, trajectory, prompt.Positive);
        return new ConditionedLikelihood(
            tokens,
            positive,
            Sum(question, trajectory, _negative).LogProbability,
            prompt.Question is null ? null : Sum(question, trajectory, Conversation.Unconditioned).LogProbability);
    }

    /// <summary>The model's verdict on a trajectory: log p under the condition of successes less that under the one of failures.</summary>
    /// <inheritdoc cref="Of"/>
    public double Verdict(string question, Trajectory trajectory) =>
        Sum(question, trajectory, prompt.Positive).LogProbability - Sum(question, trajectory, _negative).LogProbability;

    private (double LogProbability, int Tokens) Sum(string question, Trajectory trajectory, string condition)
    {
        var conversation = new Conversation(trajectory.Id, condition, [.. prompt.Ask(question, condition), .. trajectory.Turns])
        {
            Tools = trajectory.Tools,
        };
        var documents = renderer.Render(conversation).Select(document => document.Truncate(model.Config.ContextLength)).ToArray();
        return (-documents.Sum(Loss), documents.Sum(document => document.SupervisedTokens));
    }

    /// <summary>Without the tokens behind the last supervised one, on which no loss depends.</summary>
    private double Loss(TokenizedDocument document)
    {
        var learned = document.Truncate(document.Content.LearnedLength);
        return learned.Length == 0 ? 0 : model.Loss(new PackedBatch(learned.Tokens, [0, learned.Length], learned.Labels));
    }
}
