using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Chat;

/// <summary>An answer that is being generated.</summary>
/// <param name="Reader">Parts what is generated into text, reasoning and calls.</param>
/// <param name="Tokenizer">The fingerprint of the tokenizer that its ids are of.</param>
internal readonly record struct ChatAnswer(GenerationRequest Request, AnswerReader Reader, string Tokenizer)
{
    /// <summary>The tokens of some steps as a content beside what they say.</summary>
    public GeneratedTokensContent Tokens(params IReadOnlyList<GenerationEvent> steps) => new(
        new GeneratedTokens(Tokenizer, [.. steps.Select(step => step.Token)], [.. steps.Select(step => step.LogProbability)]));
}
