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
        var (end, start) = (prompt.Content.FirstSupervised!.Value, answer.Content.FirstSupervised!.Value);
        var length = end + DocumentBatch.LengthOf(answer) - start;
        if (length > longest)
        {
            return null;
        }

        LossRun[] runs =
        [
            .. answer.Content.Runs.ToArray().Where(run => run.End > start)
                .Select(run => new LossRun(Math.Max(run.Start, start) + end - start, run.End + end - start)),
        ];
        int[] tokens = [.. prompt.Content.Tokens.Span[..end], .. answer.Content.Tokens.Span.Slice(start, length - end)];
        return new TokenizedDocument(prompt.Id, prompt.Condition, new DocumentContent(tokens, runs, default));
    }
}
