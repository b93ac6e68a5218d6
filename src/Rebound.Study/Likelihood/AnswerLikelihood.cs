using Rebound.Models;
using Rebound.Study.Results;
using Rebound.Training.Methods;
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
    /// <summary>Tokens that go through the model at once.</summary>
    private readonly int _packTokens = model.Backend.IsHostMemory ? 2048 : 16_384;

    private readonly string _negative = prompt.Negative
        ?? throw new ArgumentException($"The prompt '{prompt.Name}' tells failures by no condition.", nameof(prompt));

    /// <summary>Trajectories under the condition of successes, that of failures, and none.</summary>
    /// <exception cref="RenderingException">A trajectory cannot be rendered for the model.</exception>
    public IReadOnlyList<ConditionedLikelihood> Of(IReadOnlyList<AskedTrajectory> asked, CancellationToken cancellation = default)
    {
        var positive = Sums(asked, prompt.Positive, cancellation);
        var negative = Sums(asked, _negative, cancellation);
        var none = prompt.Question is null ? null : Sums(asked, Conversation.Unconditioned, cancellation);
        return
        [
            .. positive.Select((sum, place) => new ConditionedLikelihood(
                sum.Tokens, sum.LogProbability, negative[place].LogProbability, none?[place].LogProbability)),
        ];
    }

    /// <summary>
    /// The model's verdicts on trajectories: log p under the condition of successes less that under the one of failures.
    /// </summary>
    /// <inheritdoc cref="Of" path="/exception"/>
    public IReadOnlyList<double> Verdicts(IReadOnlyList<AskedTrajectory> asked, CancellationToken cancellation = default)
    {
        var negative = Sums(asked, _negative, cancellation);
        return [.. Sums(asked, prompt.Positive, cancellation).Select((sum, place) => sum.LogProbability - negative[place].LogProbability)];
    }

    private (double LogProbability, int Tokens)[] Sums(
        IReadOnlyList<AskedTrajectory> asked, string condition, CancellationToken cancellation)
    {
        var documents = asked.SelectMany((one, place) => Render(one, condition).Select(document => (Place: place, Document: document)))
            .ToArray();
        var losses = DocumentLosses.Of(
            model, [.. documents.Select(document => document.Document)], _packTokens, cancellation: cancellation);
        var sums = new (double LogProbability, int Tokens)[asked.Count];
        foreach (var ((place, _), tokens) in documents.Zip(losses))
        {
            sums[place] = (sums[place].LogProbability - DocumentLosses.Sum(tokens), sums[place].Tokens + tokens.Length);
        }

        return sums;
    }

    /// <summary>As far as the model reads, and where there is anything of the agent's in it.</summary>
    private IEnumerable<TokenizedDocument> Render(AskedTrajectory asked, string condition)
    {
        var (question, trajectory) = asked;
        var conversation = new Conversation(trajectory.Id, condition, [.. prompt.Ask(question, condition), .. trajectory.Turns])
        {
            Tools = trajectory.Tools,
        };
        return renderer.Render(conversation).Select(document => document.Truncate(model.Config.ContextLength))
            .Where(document => document.SupervisedTokens > 0);
    }
}
