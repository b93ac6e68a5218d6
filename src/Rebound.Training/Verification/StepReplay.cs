using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Verification;

namespace Rebound.Training.Verification;

/// <summary>
/// Repeats recorded optimizer steps and compares loss and gradient norm. The record is a JSON object with AdamW's
/// <c>betas</c>, <c>eps</c>, <c>weight_decay</c> (of matrices) and <c>clip</c>, the <c>rows</c> (<c>input_ids</c> and
/// <c>labels</c>, −100 outside of the loss) that are all in every step, and the <c>steps</c>: <c>lr</c>, <c>loss</c>
/// (the sum over supervised tokens / their count, before the update) and <c>grad_norm</c> (before clipping).
/// </summary>
public static class StepReplay
{
    /// <summary>Rows are packed into batches of up to this many tokens, or one row that is longer.</summary>
    private const int BatchTokens = 1024;

    /// <summary>Runs the steps; the model's weights are those after the last step.</summary>
    /// <param name="tolerance">Largest relative difference allowed; null: what the model's type allows.</param>
    /// <param name="onStep">Told before the first step and after each how many are done, and of how many.</param>
    /// <returns>Two comparisons a step: <c>step N loss</c> and <c>step N grad_norm</c>.</returns>
    /// <exception cref="InvalidDataException">The record is not of this form; the message names the field.</exception>
    public static IReadOnlyList<VerificationRow> Run(
        LlamaModel model,
        string path,
        RoundingTolerance? tolerance = null,
        Action<int, int>? onStep = null,
        CancellationToken cancellation = default)
    {
        tolerance ??= RoundingTolerance.For(model);
        var record = StepRecord.Read(path);
        var batches = Pack(record.Rows);
        var supervised = batches.Sum(batch => batch.SupervisedRows.Length);
        using var gradients = model.CreateGradients();
        using var optimizer = new AdamWOptimizer(model.Trainable, record.Options);
        var results = new List<VerificationRow>();
        onStep?.Invoke(0, record.Steps.Count);
        foreach (var (step, number) in record.Steps.Select((step, index) => (step, index + 1)))
        {
            cancellation.ThrowIfCancellationRequested();
            gradients.Clear();
            var loss = batches.Sum(batch => model.LossAndGradients(batch, gradients, 1f / supervised)) / supervised;
            var norm = optimizer.Step(gradients, step.LearningRate);
            results.Add(VerificationRow.Compare($"step {number} loss", loss, step.Loss, tolerance.Loss));
            results.Add(VerificationRow.Compare($"step {number} grad_norm", norm, step.GradientNorm, tolerance.GradientNorm));
            onStep?.Invoke(number, record.Steps.Count);
        }

        return results;
    }

    private static List<PackedBatch> Pack(IReadOnlyList<StepRecord.Row> rows)
    {
        var batches = new List<PackedBatch>();
        var (tokens, labels, starts) = (new List<int>(), new List<int>(), new List<int> { 0 });
        foreach (var row in rows)
        {
            if (tokens.Count > 0 && tokens.Count + row.Tokens.Length > BatchTokens)
            {
                Close();
            }

            tokens.AddRange(row.Tokens);
            labels.AddRange(row.Labels);
            starts.Add(tokens.Count);
        }

        Close();
        return batches;

        void Close()
        {
            batches.Add(new PackedBatch([.. tokens], [.. starts], [.. labels]));
            tokens.Clear();
            labels.Clear();
            starts.RemoveRange(1, starts.Count - 1);
        }
    }
}
