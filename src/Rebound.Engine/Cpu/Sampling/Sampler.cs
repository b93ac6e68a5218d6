using System.Numerics.Tensors;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Turns one row's logits into a choice of its token. It keeps its buffers, so it is used by one thread at a time.
/// </summary>
public sealed class Sampler
{
    private readonly float[] _scores;
    private readonly CandidateList _candidates;

    /// <param name="vocabulary">V.</param>
    public Sampler(int vocabulary)
    {
        _scores = new float[vocabulary];
        _candidates = new CandidateList(vocabulary);
    }

    /// <summary>The probability of every token after all processors.</summary>
    /// <param name="probabilities">[V], =.</param>
    /// <param name="logits">[V], or under guidance [2·V]: the row's own and the opposite ones.</param>
    /// <param name="row">A valid one.</param>
    public void Probabilities(Span<double> probabilities, ReadOnlySpan<float> logits, in SamplingRow row)
    {
        Score(logits, row);
        probabilities.Clear();
        if (row.Temperature == 0)
        {
            probabilities[Largest()] = 1;
            return;
        }

        Filter(row);
        _candidates.AddTo(probabilities);
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">[V], or under guidance [2·V]: the row's own and the opposite ones.</param>
    /// <param name="row">A valid one.</param>
    public int Choose(ReadOnlySpan<float> logits, in SamplingRow row)
    {
        Score(logits, row);
        if (row.Temperature == 0)
        {
            return Largest();
        }

        Filter(row);
        return _candidates.Choose(row.Uniform);
    }

    private void Score(ReadOnlySpan<float> logits, in SamplingRow row)
    {
        var own = logits[.._scores.Length];
        if (row.Guidance is { } weight)
        {
            TensorPrimitives.Subtract(own, logits[own.Length..], _scores);
            TensorPrimitives.MultiplyAdd(_scores, weight, own, _scores);
        }
        else
        {
            own.CopyTo(_scores);
        }

        foreach (var edit in row.Edits.Span)
        {
            ref var score = ref _scores[edit.Token];
            score += edit.Before;
            score = score < 0 ? score * edit.Penalty : score / edit.Penalty;
            score += edit.After;
        }

        if (!row.Allowed.IsEmpty)
        {
            Mask(row.Allowed.Span);
        }
    }

    private void Mask(ReadOnlySpan<ulong> allowed)
    {
        for (var token = 0; token < _scores.Length; token++)
        {
            if ((allowed[token >> 6] >> (token & 63) & 1) == 0)
            {
                _scores[token] = float.NegativeInfinity;
            }
        }
    }

    private int Largest() => TensorPrimitives.IndexOfMax<float>(_scores);

    private void Filter(in SamplingRow row)
    {
        if (row.Temperature != 1)
        {
            TensorPrimitives.Divide(_scores, row.Temperature, _scores);
        }

        _candidates.Take(_scores, row.TopK);
        if (row.TopP < 1)
        {
            _candidates.KeepTopP(row.TopP);
        }

        if (row.MinP > 0)
        {
            _candidates.KeepMinP(row.MinP);
        }
    }
}
