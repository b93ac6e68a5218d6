using Rebound.Python;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>
/// Prompts with the answers of other questions, whose log-probabilities measure how far a model is from its reference
/// (Ethayarajh et al. 2024, arXiv 2402.01306).
/// </summary>
internal static class Mismatches
{
    /// <summary>Answers that are tried for a prompt.</summary>
    private const int MostTried = 100;

    /// <summary>For each try its prompt, all before its first supervised token, with the answer of another try, from there on.</summary>
    /// <param name="seed">Of the order in which answers are passed on.</param>
    /// <returns>Null for a try of whose question no other answer fits into the longest document.</returns>
    public static IReadOnlyList<TokenizedDocument?> Of(IReadOnlyList<Try> tries, long seed)
    {
        var order = Enumerable.Range(0, tries.Count).ToArray();
        new PythonRandom(seed).Shuffle(order.AsSpan());
        var longest = tries.Max(attempt => DocumentBatch.LengthOf(attempt.Documents[0]));
        var mismatched = new TokenizedDocument?[tries.Count];
        for (var place = 0; place < order.Length; place++)
        {
            var attempt = tries[order[place]];
            for (var next = 1; next < Math.Min(order.Length, MostTried) && mismatched[order[place]] is null; next++)
            {
                var other = tries[order[(place + next) % order.Length]];
                mismatched[order[place]] = other.Question == attempt.Question
                    ? null
                    : Joined(attempt.Documents[0], other.Documents[0], longest);
            }
        }

        return mismatched;
    }

    private static TokenizedDocument? Joined(TokenizedDocument prompt, TokenizedDocument answer, int longest)
    {
        var (end, start) = (AnswerStart(prompt), AnswerStart(answer));
        var length = end + DocumentBatch.LengthOf(answer) - start;
        if (length > longest)
        {
            return null;
        }

        var labels = new int[length];
        Array.Fill(labels, TokenizedDocument.IgnoreLabel, 0, end);
        answer.Labels.AsSpan(start, length - end).CopyTo(labels.AsSpan(end));
        return new TokenizedDocument(
            prompt.Id, prompt.Condition, [.. prompt.Tokens.AsSpan(0, end), .. answer.Tokens.AsSpan(start, length - end)], labels);
    }

    /// <summary>The first supervised token.</summary>
    private static int AnswerStart(TokenizedDocument document) =>
        1 + document.Labels.AsSpan(1).IndexOfAnyExcept(TokenizedDocument.IgnoreLabel);
}
