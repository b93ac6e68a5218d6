using Rebound.Engine.Cpu;
using Rebound.Inference.Generation;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>Reads the logits of prompts whose tokens' log-probabilities are wanted, some rows at a time.</summary>
internal sealed class PromptReader : ILogitReader, IDisposable
{
    /// <summary>Most rows whose logits lie in the host's memory.</summary>
    private const int RowsAtATime = 64;

    private readonly WorkerPool _cores = new(Environment.ProcessorCount);
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
        var job = new RowJob(_rows, first, _logits, _vocabulary, bad);
        _cores.Run(ref job, count);
        if (Array.FindIndex(bad, logit => logit is not null) is >= 0 and var found)
        {
            throw NotFiniteException.Of(_model!, bad[found]!.Value, _rows[first + found].Position + 1);
        }

        foreach (var (scores, position) in _rows.AsSpan(first, count))
        {
            scores.Advance(position + 1);
        }
    }

    public void Dispose() => _cores.Dispose();

    /// <summary>A part for each row.</summary>
    private readonly struct RowJob(ScoredRow[] rows, int first, float[] logits, int vocabulary, float?[] bad) : IParallelJob
    {
        public void Execute(int part)
        {
            var (scores, position) = rows[first + part];
            bad[part] = scores.Read(position, logits.AsSpan(part * vocabulary, vocabulary));
        }
    }
}

/// <summary>A row of a batch whose logits say how likely the next token of a prompt is.</summary>
/// <param name="Position">Of the row's token in the prompt.</param>
internal readonly record struct ScoredRow(PromptScores Scores, int Position);
