using Rebound.Engine;
using Rebound.Training.Methods;
using Rebound.Training.Objectives;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests.Methods;

public sealed class ObjectiveTests
{
    public static TheoryData<TrainingMethod> Methods => [.. Enum.GetValues<TrainingMethod>()];

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_weight_of_a_token_is_the_derivative_by_its_loss(TrainingMethod method)
    {
        var data = TestDocuments.LearnedBy(method);
        var baseline = Losses(data, shift: 0.05);
        var objective = Objective.Of(data, baseline);
        objective.Begin([.. data.Units], documents => [.. documents.Select((document, index) => Numbers(document.SupervisedTokens, index))], new());
        foreach (var unit in data.Units)
        {
            var losses = unit.Documents.SelectMany(index => Numbers(data.Documents[index].SupervisedTokens, index)).ToArray();
            var weights = new float[losses.Length];
            objective.Weigh(unit, losses, weights);
            for (var token = 0; token < losses.Length; token++)
            {
                // A token that dft or nft hold constant is none of the derivative.
                var expected = method == TrainingMethod.Dft ? data.Documents[unit.Documents[0]].Weight * Math.Exp(-losses[token]) : Difference(token);
                if (!HoldsConstant(data, unit, losses[token], baseline, token))
                {
                    Assert.Equal(expected, weights[token], 2e-3 * Math.Max(1, Math.Abs(expected)));
                }

                double Difference(int at)
                {
                    const float H = 0.01f;
                    var (more, less) = (losses.ToArray(), losses.ToArray());
                    (more[at], less[at]) = (more[at] + H, less[at] - H);
                    return (objective.Loss(unit, more, new()) - objective.Loss(unit, less, new())) / (more[at] - less[at]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_step_is_the_same_however_it_is_cut_into_batches(TrainingMethod method)
    {
        var data = TestDocuments.LearnedBy(method);
        using var backend = new CpuBackend(1);
        var (whole, _) = Step(backend, data, packTokens: 10_000);
        var (cut, batches) = Step(backend, data, packTokens: 30);

        Assert.True(batches > 2);
        Assert.Equal(whole.Loss, cut.Loss, 1e-6);
        Assert.Equal(whole.GradientNorm, cut.GradientNorm, 1e-5 * whole.GradientNorm);
        Assert.Equal(whole.Metrics.Keys, cut.Metrics.Keys);
        Assert.All(whole.Metrics, metric => Assert.Equal(metric.Value, cut.Metrics[metric.Key], 1e-4));
    }

    [Fact]
    public void A_row_of_weight_two_counts_like_two_rows()
    {
        using var backend = new CpuBackend(1);
        var documents = TestDocuments.Random(4, 9);
        var twice = Step(backend, LearningSet.Of([.. documents, documents[0]], TrainingMethod.Nut, new MethodOptions(), 1), 10_000).Report;
        var heavy = Step(
            backend, LearningSet.Of([documents[0] with { Weight = 2 }, .. documents[1..]], TrainingMethod.Nut, new MethodOptions(), 1), 10_000).Report;

        Assert.Equal(twice.Loss, heavy.Loss, 1e-6);
        Assert.Equal(twice.GradientNorm, heavy.GradientNorm, 1e-5 * twice.GradientNorm);
    }

    private static (StepReport Report, int Batches) Step(Backend backend, LearningSet data, int packTokens)
    {
        var options = new TrainingOptions { BatchSize = 100, MaxSteps = 1, PackTokens = packTokens, LearningRate = 1e-3 };
        var plan = new TrainingPlan(data, options);
        using var model = TestDocuments.Model(backend);
        using var trainer = new Trainer(model, plan, options, TimeProvider.System);
        if (data.Baseline != BaselineKind.None)
        {
            trainer.Compare(Losses(data, shift: 0.02));
        }

        return (trainer.Run().Single(), plan.TotalBatches);
    }

    /// <summary>Whether the gradient takes something for constant that the value does not, or has a corner there.</summary>
    private static bool HoldsConstant(LearningSet data, LearningUnit unit, float loss, Baseline baseline, int token)
    {
        var document = data.Documents[unit.Documents[0]];
        var ratio = Math.Exp(data.Baseline == BaselineKind.None ? 0 : baseline.Documents[unit.Documents[0]][token % document.SupervisedTokens] - loss);
        return (data.Method == TrainingMethod.Nft && document.Failed && ratio > 0.9)
            || (data.Method == TrainingMethod.Grpo && Math.Min(Math.Abs(ratio - 0.8), Math.Abs(ratio - 1.2)) < 0.05);
    }

    private static Baseline Losses(LearningSet data, double shift) => new(
        [.. data.Documents.Select((document, index) => Array.ConvertAll(Numbers(document.SupervisedTokens, index), loss => (float)(loss + shift)))],
        [.. data.Documents.Select((document, index) => Numbers(document.Mismatched?.SupervisedTokens ?? 0, index))]);

    private static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => 0.3f + (((i * 7) + (seed * 3)) % 11 * 0.2f))];
}
