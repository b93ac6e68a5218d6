using Rebound.Models;
using Rebound.Models.Parameters;
using Rebound.Training.Methods;
using Rebound.Training.Objectives;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Verification;

/// <summary>The results of methods on the rows of a record, by the names of <see cref="ExpectedLoss"/>.</summary>
internal sealed class MethodResults
{
    /// <summary>Rows are packed into batches of up to this many tokens, or one unit that is longer.</summary>
    public const int BatchTokens = 1024;

    private readonly Dictionary<string, float[]> _results = [];

    /// <param name="names">The results that are asked for, which decide the gradients that are kept.</param>
    /// <param name="onMethod">Told after each method how many are done, and of how many.</param>
    public static IReadOnlyDictionary<string, float[]> Of(
        LossRecord record, LossModels models, IReadOnlySet<string> names, Action<int, int>? onMethod, CancellationToken cancellation)
    {
        var (results, baselines) = (new MethodResults(), new RecordedBaselines(record, models.Reference, models.Old));
        results.Add("reference logps", baselines.Reference);
        results.Add("old logps", baselines.Old);
        foreach (var (method, number) in record.Methods.Select((method, index) => (method, index + 1)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (method.Problem is null)
            {
                using var model = models.Load();
                results.Run(record, method, model, baselines, names);
            }

            onMethod?.Invoke(number, record.Methods.Count);
        }

        return results._results;
    }

    private void Run(
        LossRecord record, LossRecord.Method method, LlamaModel model, RecordedBaselines baselines, IReadOnlySet<string> names)
    {
        var losses = DocumentLosses.Of(model, [.. record.Rows.Select(row => row.Document)], BatchTokens);
        Add($"{method.Name} logps", [.. losses.Select(row => -DocumentLosses.Sum(row))]);
        using var gradients = model.CreateGradients();
        using var optimizer = new AdamWOptimizer(model.Trainable, record.Optimizer);
        var data = DataOf(record, method);
        var (step, batches) = (StepGradients.Of(model, data, baselines.For(data), BatchTokens), Pack(data));
        foreach (var (recorded, number) in method.Steps.Select((recorded, index) => (recorded, index + 1)))
        {
            gradients.Clear();
            var metrics = new StepMetrics();
            Add($"{method.Name} step {number} loss", step.Run(batches, gradients, metrics));
            if (number == 1)
            {
                AddFirst(method, gradients, metrics, names);
            }

            Add($"{method.Name} step {number} grad_norm", optimizer.Step(gradients, recorded.LearningRate));
        }
    }

    private void AddFirst(
        LossRecord.Method method, ParameterSet gradients, StepMetrics metrics, IReadOnlySet<string> names)
    {
        if (method.Kind == TrainingMethod.Kto)
        {
            Add($"{method.Name} kl", metrics.Means()["kl"]);
        }

        var prefix = $"{method.Name} {ExpectedLoss.GradientPrefix}";
        foreach (var name in names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var parameter = name[prefix.Length..];
            if (gradients.Table.TryFind(parameter, out var slice))
            {
                _results[name] = new float[slice.Shape.Count];
                gradients.Read(parameter, _results[name]);
            }
        }
    }

    private void Add(string name, params double[] values) => _results[name] = Array.ConvertAll(values, value => (float)value);

    private static LearningSet DataOf(LossRecord record, LossRecord.Method method)
    {
        var kind = method.Kind!.Value;
        if (kind == TrainingMethod.Dpo)
        {
            return LearningSetBuilder.Build([.. record.Rows.Select(row => row.Document)], kind, method.Options, seed: 0);
        }

        var units = Enumerable.Range(0, record.Rows.Count).Where(row => kind.LearnsFailures() || !record.Rows[row].Failed);
        return new LearningSet(kind, method.Options, record.Rows, [.. units.Select(row => new LearningUnit([row], 1))], []);
    }

    private static List<StepBatch> Pack(LearningSet data) =>
    [
        .. BestFitPacking.Pack([.. data.Units.Select(data.LengthOf)], BatchTokens)
            .Select(pack => data.Batch([.. pack.Select(index => data.Units[index])])),
    ];
}
