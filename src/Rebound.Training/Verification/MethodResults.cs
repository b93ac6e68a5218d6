using Rebound.Models;
using Rebound.Training.Methods;
using Rebound.Training.Objectives;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Verification;

/// <summary>A method's results on the rows of a record.</summary>
/// <param name="LogProbabilities">Summed, of each row, before the first step.</param>
/// <param name="Divergence">Of kto, in the first step; null for another method.</param>
/// <param name="Gradients">Of the first step, by the record's names.</param>
/// <param name="Steps">Loss before, and norm of the gradients before clipping.</param>
internal sealed record MethodResults(
    double[] LogProbabilities, double? Divergence, IReadOnlyDictionary<string, float[]> Gradients,
    IReadOnlyList<(double Loss, double GradientNorm)> Steps)
{
    /// <summary>Rows are packed into batches of up to this many tokens, or one unit that is longer.</summary>
    public const int BatchTokens = 1024;

    private const string GradientPrefix = "grad.";

    /// <param name="gradients">Names of the gradients that are asked for.</param>
    public static MethodResults Of(
        Func<LlamaModel> load, LossRecord record, LossRecord.Method method, RecordedBaselines baselines,
        IReadOnlyCollection<string> gradients)
    {
        using var model = load();
        var data = DataOf(record, method);
        var sums = DocumentLosses.Of(model, [.. record.Rows.Select(row => row.Document)], BatchTokens)
            .Select(losses => -losses.Sum(loss => (double)loss)).ToArray();
        using var accumulated = model.CreateGradients();
        using var optimizer = new AdamWOptimizer(model.Trainable, record.Optimizer);
        var (batches, first) = (Pack(data), new StepMetrics());
        var step = StepGradients.Of(model, data, baselines.For(data), BatchTokens);
        var (results, read) = (new List<(double, double)>(), new Dictionary<string, float[]>());
        foreach (var recorded in method.Steps)
        {
            accumulated.Clear();
            var loss = step.Run(batches, accumulated, results.Count == 0 ? first : new StepMetrics());
            if (results.Count == 0)
            {
                foreach (var name in gradients)
                {
                    Read(name);
                }
            }

            results.Add((loss, optimizer.Step(accumulated, recorded.LearningRate)));
        }

        return new MethodResults(sums, data.Method == TrainingMethod.Kto ? first.Means()["kl"] : null, read, results);

        void Read(string name)
        {
            if (accumulated.Table.TryFind(name[GradientPrefix.Length..], out var slice))
            {
                read[name] = new float[slice.Shape.Count];
                accumulated.Read(name[GradientPrefix.Length..], read[name]);
            }
        }
    }

    private static LearningSet DataOf(LossRecord record, LossRecord.Method method)
    {
        var kind = method.Kind!.Value;
        if (kind == TrainingMethod.Dpo)
        {
            return LearningSetBuilder.Build([.. record.Rows.Select(row => row.Document)], kind, method.Options, seed: 0);
        }

        var rows = record.Rows.Select((row, index) => (row, index)).Where(row => kind.LearnsFailures() || !row.row.Failed);
        return new LearningSet(kind, method.Options, record.Rows, [.. rows.Select(row => new LearningUnit([row.index], 1))], []);
    }

    private static List<StepBatch> Pack(LearningSet data) =>
    [
        .. BestFitPacking.Pack([.. data.Units.Select(data.LengthOf)], BatchTokens)
            .Select(pack => data.Batch([.. pack.Select(index => data.Units[index])])),
    ];
}
