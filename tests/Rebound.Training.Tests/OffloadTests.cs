using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Parameters;
using Rebound.Testing;
using Rebound.Training.Methods;
using Rebound.Training.Tests.Ranks;

namespace Rebound.Training.Tests;

/// <summary>The optimizer's state in host memory, from where the host updates the weights.</summary>
public sealed class OffloadTests
{
    private const int FirstSteps = 3;

    private static readonly TrainingOptions Options = new()
    {
        BatchSize = 4,
        MaxSteps = 6,
        PackTokens = 64,
        LearningRate = 1e-3,
        Optimizer = new AdamWOptions { WeightDecay = 0.1f, MaxGradientNorm = 1 },
    };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    public void The_host_learns_bit_by_bit_what_the_device_learns(int ranks, int stage)
    {
        var data = LearningSet.Plain(TestDocuments.Random(13, 5));
        var options = Options with { BatchSize = 4 / ranks, ZeroStage = stage };

        var here = RankedTrainer.Run(ranks, data, options);
        var offloaded = RankedTrainer.Run(ranks, data, options with { OffloadsOptimizer = true }, work: (trainer, _) =>
        {
            trainer.Measure();
            return [.. trainer.Run()];
        });

        Assert.Equal(here.Weights[0], offloaded.Weights[0]);
        Assert.Equal(here.Steps[0].Select(step => step.Loss), offloaded.Steps[0].Select(step => step.Loss));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_run_goes_on_from_a_checkpoint_of_the_other_kind_to_the_same_bits(bool before, bool after)
    {
        using var folder = new TemporaryFolder();
        var data = LearningSet.Plain(TestDocuments.Random(13, 5));
        var whole = RankedTrainer.Run(1, data, Options);
        float[][] saved = [];

        RankedTrainer.Run(1, data, Options with { OffloadsOptimizer = before }, work: (trainer, model) =>
        {
            StepReport[] steps = [.. trainer.Run().Take(FirstSteps)];
            trainer.SaveState(folder.File(""));
            saved = [.. Enumerable.Range(0, model.Weights.Table.Parameters.Count).Select(i => model.Weights[i].AsSpan<float>().ToArray())];
            return steps;
        });
        var rest = RankedTrainer.Run(1, data, Options with { OffloadsOptimizer = after }, work: (trainer, model) =>
        {
            foreach (var (i, values) in saved.Index())
            {
                values.CopyTo(model.Weights[i].AsSpan<float>());
            }

            model.Weights.MarkChanged();
            trainer.RestoreState(folder.File(""), FirstSteps);
            return [.. trainer.Run()];
        });

        Assert.Equal(whole.Weights[0], rest.Weights[0]);
    }

    /// <summary>A GPU's weights, as the host gets them: bf16 with lower halves, and gradients of bf16.</summary>
    [Fact]
    public void Weights_in_two_halves_are_updated_as_exact_ones()
    {
        using var backend = new CpuBackend(2);
        using var random = LlamaModel.Initialize(backend, TestDocuments.Config, seed: 7);
        var table = random.Weights.Table;
        using var exact = new ParameterSet(backend, table, DType.Float32);
        using var split = new ParameterSet(backend, table, DType.BFloat16, exact: true, lowerInHost: true);
        exact.Load(random.Weights);
        split.Load(random.Weights);
        using var rounded = new ParameterSet(backend, table, DType.BFloat16);
        using var gradients = new ParameterSet(backend, table, DType.Float32);
        rounded.Load(random.Weights);
        gradients.Load(rounded);
        ParameterSet[] moments = [.. Enumerable.Range(0, 4).Select(_ => new ParameterSet(backend, table, DType.Float32))];
        using var update = new HostUpdate(split, backend, DType.BFloat16);
        for (var step = 1; step <= 3; step++)
        {
            update.Run(rounded, moments[0], moments[1], Numbers);
            foreach (var piece in exact.Pieces)
            {
                backend.AdamW(
                    exact.Own(piece), gradients.Own(piece), moments[2].Own(piece), moments[3].Own(piece), Numbers(piece));
            }

            AdamWStep Numbers(ParameterPiece piece) => new(
                1e-3f, 0.9f, 0.999f, 1e-8f, 0.1f, step, 0.5f, ParameterSet.DitherOf(piece.Parameter), piece.First);
        }

        foreach (var slice in table.Slices)
        {
            var (expected, actual) = (new float[slice.Shape.Count], new float[slice.Shape.Count]);
            exact.Read(slice.Name, expected);
            split.Read(slice.Name, actual);
            Assert.Equal(expected, actual);
        }

        Array.ForEach(moments, moment => moment.Dispose());
    }
}
