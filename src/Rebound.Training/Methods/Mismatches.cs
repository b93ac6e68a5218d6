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

    /// <summary>For each try another one, whose answer, from its first supervised token on, follows its prompt.</summary>
    /// <param name="seed">Of the order in which answers are passed on.</param>
    /// <returns>Null for a try of whose question no other answer fits into the longest document.</returns>
    public static IReadOnlyList<Try?> Of(IReadOnlyList<Try> tries, long seed)
    {
        var order = Enumerable.Range(0, tries.Count).ToArray();
        new PythonRandom(seed).Shuffle(order.AsSpan());
        var longest = tries.Max(attempt => DocumentBatch.LengthOf(attempt.First));
        var others = new Try?[tries.Count];
        for (var place = 0; place < order.Length; place++)
        {
            var attempt = tries[order[place]].First;
            for (var next = 1; next < Math.Min(order.Length, MostTried) && others[order[place]] is null; next++)
            {
                var other = tries[order[(place + next) % order.Length]];
                others[order[place]] = other.Question == attempt.Question || JoinedLength(attempt, other.First) > longest ? null : other;
            }
        }

        return others;
    }

    /// <summary>A document's prompt, all before its first supervised token, with another one's answer.</summary>
    public static TokenizedDocument Join(TokenizedDocument prompt, TokenizedDocument answer)
    {
        var (end, start) = Seam(prompt, answer);
        LossRun[] runs =
        [
            .. answer.Content.Runs.ToArray().Where(run => run.End > start)
                .Select(run => new LossRun(Math.Max(run.Start, start) + end - start, run.End + end - start)),
        ];
        var tokens = answer.Content.Tokens.Span[start..DocumentBatch.LengthOf(answer)];
        return new TokenizedDocument(
            prompt.Id, prompt.Condition, new DocumentContent((int[])[.. prompt.Content.Tokens.Span[..end], .. tokens], runs, default));
    }

    private static int JoinedLength(TokenizedDocument prompt, TokenizedDocument answer)
    {
        var (end, start) = Seam(prompt, answer);
        return end + DocumentBatch.LengthOf(answer) - start;
    }

    /// <summary>Where a prompt ends, and where an answer starts.</summary>
    private static (int End, int Start) Seam(TokenizedDocument prompt, TokenizedDocument answer) =>
        (prompt.Content.FirstSupervised!.Value, answer.Content.FirstSupervised!.Value);
}
