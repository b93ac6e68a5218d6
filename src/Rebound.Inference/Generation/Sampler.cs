namespace Rebound.Inference.Generation;

/// <summary>
/// Turns logits into a choice of the next token. It keeps its buffers, so it is used by one thread at a time.
/// </summary>
public sealed class Sampler
{
    private readonly float[] _scores;
    private readonly CandidateList _candidates;
    private readonly HashSet<int> _seen = [];

    /// <param name="vocabulary">V.</param>
    public Sampler(int vocabulary)
    {
        _scores = new float[vocabulary];
        _candidates = new CandidateList(vocabulary);
    }

    /// <summary>The probability of every token after all processors.</summary>
    /// <param name="probabilities">[V], =.</param>
    /// <param name="logits">[V].</param>
    /// <param name="history">The tokens so far, prompt included, for the repetition penalty.</param>
    /// <exception cref="ArgumentException">The options are outside of their range.</exception>
    public void Probabilities(
        Span<double> probabilities, ReadOnlySpan<float> logits, ReadOnlySpan<int> history, SamplingOptions options)
    {
        options.Validate();
        Penalize(logits, history, options.RepetitionPenalty);
        probabilities.Clear();
        if (options.Temperature == 0)
        {
            probabilities[Likeliest()] = 1;
            return;
        }

        Filter(options);
        _candidates.AddTo(probabilities);
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="history">The tokens so far, prompt included, for the repetition penalty.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="uniform">A draw from [0, 1).</param>
    public int Choose(ReadOnlySpan<float> logits, ReadOnlySpan<int> history, SamplingOptions options, double uniform)
    {
        Penalize(logits, history, options.RepetitionPenalty);
        if (options.Temperature == 0)
        {
            return Likeliest();
        }

        Filter(options);
        return _candidates.Choose(uniform);
    }

    private void Penalize(ReadOnlySpan<float> logits, ReadOnlySpan<int> history, float penalty)
    {
        logits.CopyTo(_scores);
        if (penalty == 1)
        {
            return;
        }

        _seen.Clear();
        foreach (var token in history)
        {
            if (_seen.Add(token))
            {
                _scores[token] = _scores[token] < 0 ? _scores[token] * penalty : _scores[token] / penalty;
            }
        }
    }

    private int Likeliest() => System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(_scores);

    private void Filter(SamplingOptions options)
    {
        if (options.Temperature != 1)
        {
            System.Numerics.Tensors.TensorPrimitives.Divide(_scores, options.Temperature, _scores);
        }

        _candidates.Take(_scores, options.TopK);
        if (options.TopP < 1)
        {
            _candidates.KeepTopP(options.TopP);
        }

        if (options.MinP > 0)
        {
            _candidates.KeepMinP(options.MinP);
        }
    }
}
