using Rebound.Models;
using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Verification;

/// <summary>The losses of a record's rows under its reference, and under the model they were drawn from.</summary>
internal sealed class RecordedBaselines
{
    private readonly Baseline _reference;
    private readonly Baseline _old;

    public RecordedBaselines(LossRecord record, LlamaModel reference, LlamaModel old)
    {
        TokenizedDocument[] documents = [.. record.Rows.Select(row => row.Document)];
        var mismatched = record.Rows.All(row => row.Mismatched is not null)
            ? DocumentLosses.Of(reference, [.. record.Rows.Select(row => row.Mismatched!)], MethodResults.BatchTokens)
            : [.. record.Rows.Select(_ => Array.Empty<float>())];
        _reference = new Baseline(DocumentLosses.Of(reference, documents, MethodResults.BatchTokens), mismatched);
        _old = new Baseline(DocumentLosses.Of(old, documents, MethodResults.BatchTokens), mismatched);
    }

    /// <summary>Summed log-probabilities of the rows.</summary>
    public double[] Reference => Sums(_reference);

    /// <summary>The same under the model that they were drawn from.</summary>
    public double[] Old => Sums(_old);

    /// <summary>That of a method, in the order of its documents.</summary>
    public Baseline For(LearningSet data)
    {
        var baseline = data.Baseline == BaselineKind.Sampling ? _old : _reference;
        return new Baseline(Ordered(baseline.Documents), Ordered(baseline.Mismatched));

        IReadOnlyList<float[]> Ordered(IReadOnlyList<float[]> rows) =>
            [.. data.Documents.Select(document => rows[document.Document.Row - 1])];
    }

    private static double[] Sums(Baseline baseline) => [.. baseline.Documents.Select(losses => -DocumentLosses.Sum(losses))];
}
