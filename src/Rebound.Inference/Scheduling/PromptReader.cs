using Rebound.Inference.Generation;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>Reads the logits of prompts whose tokens' log-probabilities are wanted, some rows at a time.</summary>
internal sealed class PromptReader : ILogitReader
{
    /// <summary>Most rows whose logits lie in the host's memory.</summary>
    private const int RowsAtATime = 64;

    private readonly float[] _logits;
    private readonly int _vocabulary;
    private LlamaModel? _model;
    private ScoredRow[] _rows = [];

    /// <param name="vocabulary">V.</param>
    public PromptReader(int vocabulary)
    {
        _vocabulary = vocabulary;
        _logits = new float[RowsAtATime * vocabulary];
    }

    public int Rows => _rows.Length;

    public Span<float> Logits => _logits;

    /// <summary>Reads the rows of a batch from now on.</summary>
    public PromptReader For(StepBatch batch)
    {
        (_model, _rows) = (batch.Model, batch.Scored);
        return this;
    }

    /// <exception cref="NotFiniteException">A logit is no number.</exception>
    public void Read(int first, int count)
    {
        var bad = new float?[count];
        Parallel.For(0, count, row =>
        {
            var (scores, position) = _rows[first + row];
            bad[row] = scores.Read(position, _logits.AsSpan(row * _vocabulary, _vocabulary));
        });
        if (Array.FindIndex(bad, logit => logit is not null) is >= 0 and var found)
        {
            throw NotFiniteException.Of(_model!, bad[found]!.Value, _rows[first + found].Position + 1);
        }

        foreach (var (scores, position) in _rows.AsSpan(first, count))
        {
            scores.Advance(position + 1);
        }
    }
}

/// <summary>A row of a batch whose logits say how likely the next token of a prompt is.</summary>
/// <param name="Position">Of the row's token in the prompt.</param>
internal readonly record struct ScoredRow(PromptScores Scores, int Position);
