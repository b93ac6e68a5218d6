namespace Rebound.Trajectories.Rendering;

/// <summary>
/// The tokens of a document and which of them are in the loss. It does not hold them: they lie in arrays, or in a file that is mapped
/// into memory, and whoever reads them copies what he keeps.
/// </summary>
/// <param name="Tokens">[T] token ids.</param>
/// <param name="Runs">Those in the loss, in their order; a token in the loss is to be predicted as it is.</param>
/// <param name="LogProbabilities">
/// [T] natural logarithms of the probabilities that tokens were generated with, NaN where that is not known and outside of the loss;
/// empty where none is known.
/// </param>
public readonly record struct DocumentContent(
    ReadOnlyMemory<int> Tokens, ReadOnlyMemory<LossRun> Runs, ReadOnlyMemory<float> LogProbabilities)
{
    /// <summary>Tokens in the loss. The first token is never one: nothing before it could predict it.</summary>
    public int SupervisedTokens
    {
        get
        {
            var count = 0;
            foreach (var run in Runs.Span)
            {
                count += run.End - Math.Max(run.Start, 1);
            }

            return count;
        }
    }

    /// <summary>Tokens up to the last one in the loss; 0 where none is.</summary>
    public int LearnedLength => Runs.Span is [.., { End: > 1 } last] ? last.End : 0;

    /// <summary>The first token in the loss; null where none is.</summary>
    public int? FirstSupervised => RunAt(1) is { } run ? Math.Max(run.Start, 1) : null;

    /// <param name="labels">[T] a token's own id where it is in the loss, <see cref="TokenizedDocument.IgnoreLabel"/> elsewhere.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a label is another token.</exception>
    public static DocumentContent Of(int[] tokens, ReadOnlySpan<int> labels, float[]? logProbabilities = null)
    {
        if (labels.Length != tokens.Length)
        {
            throw new ArgumentException($"There are {tokens.Length} tokens and {labels.Length} labels.", nameof(labels));
        }

        var runs = new List<LossRun>();
        for (var t = 0; t < labels.Length; t++)
        {
            if (labels[t] == TokenizedDocument.IgnoreLabel)
            {
                continue;
            }

            if (labels[t] != tokens[t])
            {
                throw new ArgumentException(
                    $"Label {t} is {labels[t]}; it must be the token {tokens[t]} or {TokenizedDocument.IgnoreLabel}.", nameof(labels));
            }

            if (runs is [.., var last] && last.End == t)
            {
                runs[^1] = last with { End = t + 1 };
            }
            else
            {
                runs.Add(new LossRun(t, t + 1));
            }
        }

        return new DocumentContent(tokens, runs.ToArray(), logProbabilities);
    }

    /// <summary>The run that holds a token, or is the first behind it; null for none.</summary>
    public LossRun? RunAt(int token)
    {
        foreach (var run in Runs.Span)
        {
            if (run.End > token)
            {
                return run;
            }
        }

        return null;
    }

    /// <summary>Writes the labels of the first tokens.</summary>
    /// <param name="labels">At most [T], overwritten.</param>
    public void CopyLabels(Span<int> labels)
    {
        labels.Fill(TokenizedDocument.IgnoreLabel);
        foreach (var run in Runs.Span)
        {
            var end = Math.Min(run.End, labels.Length);
            if (run.Start < end)
            {
                Tokens.Span[run.Start..end].CopyTo(labels[run.Start..]);
            }
        }
    }

    /// <summary>[T] labels.</summary>
    public int[] Labels()
    {
        var labels = new int[Tokens.Length];
        CopyLabels(labels);
        return labels;
    }

    /// <summary>The first <paramref name="length"/> tokens, which lie where they lay.</summary>
    public DocumentContent Truncate(int length) => new(
        Tokens[..length],
        Runs.Span is [.., var last] && last.End <= length ? Runs : Within(Runs.Span, length),
        LogProbabilities.IsEmpty ? LogProbabilities : LogProbabilities[..length]);

    private static LossRun[] Within(ReadOnlySpan<LossRun> runs, int length)
    {
        var within = new List<LossRun>();
        foreach (var run in runs)
        {
            if (run.Start < length)
            {
                within.Add(run with { End = Math.Min(run.End, length) });
            }
        }

        return [.. within];
    }
}
