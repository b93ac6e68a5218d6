using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Files.Messages;
using Rebound.Models.Adapters;
using Rebound.Training.Methods;
using Rebound.Training.Ranks;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests.Ranks;

public sealed class RankedTrainingTests
{
    private const int StepDocuments = 4;

    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 8,
        PackTokens = 64,
        LearningRate = 1e-3,
        Optimizer = new AdamWOptions { WeightDecay = 0.1f, MaxGradientNorm = 1 },
    };

    public static TheoryData<TrainingMethod> Methods => [.. Enum.GetValues<TrainingMethod>()];

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Ranks_learn_what_one_learns(int ranks)
    {
        // The last step of an epoch has one document: all ranks but one have nothing to read.
        var data = LearningSet.Plain(TestDocuments.Random(13, 5));

        var alone = RankedTrainer.Run(1, data, Of(1));
        var together = RankedTrainer.Run(ranks, data, Of(ranks));

        Assert.Equal(1, alone.Steps[0][3].Documents);
        RankedTrainer.AssertAlike(alone.Steps[0], together.Steps[0]);
        Assert.True(RankedTrainer.Difference(alone.Weights[0], together.Weights[0]) < RankedTrainer.Tolerance);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    public void However_much_ranks_divide_they_learn_the_same(int stage, int ranks)
    {
        var data = LearningSet.Plain(TestDocuments.Random(13, 5));
        var options = Of(ranks) with { PackTokens = 40 };

        var divided = RankedTrainer.Run(ranks, data, options with { ZeroStage = 1 });
        var more = RankedTrainer.Run(ranks, data, options with { ZeroStage = stage });
        var again = RankedTrainer.Run(ranks, data, options with { ZeroStage = stage, RecomputeBlocks = true }, work: Measured);

        RankedTrainer.AssertAlike(divided.Steps[0], more.Steps[0]);
        Assert.True(RankedTrainer.Difference(divided.Weights[0], more.Weights[0]) < RankedTrainer.Tolerance);
        Assert.Equal(more.Weights[0], again.Weights[0]);
        Assert.Equal(Curve(more.Steps[0]), Curve(again.Steps[0]));
    }

    [Fact]
    public void A_tied_embedding_is_divided_as_the_head_is()
    {
        var data = LearningSet.Plain(TestDocuments.Random(9, 5));
        var config = TestDocuments.Config with { TieWordEmbeddings = true };

        var alone = RankedTrainer.Run(1, data, Of(1), config: config);
        var divided = RankedTrainer.Run(2, data, Of(2) with { ZeroStage = 3 }, config: config);

        RankedTrainer.AssertAlike(alone.Steps[0], divided.Steps[0]);
        Assert.True(RankedTrainer.Difference(alone.Weights[0], divided.Weights[0]) < RankedTrainer.Tolerance);
    }

    [Fact]
    public void All_ranks_report_the_same_and_have_the_same_weights_bit_by_bit_every_time()
    {
        var data = LearningSet.Plain(TestDocuments.Random(13, 5));
        var accumulating = Of(2) with { BatchSize = 1, AccumulationSteps = 2, PackTokens = 1 };

        var first = RankedTrainer.Run(2, data, accumulating, work: Measured);
        var second = RankedTrainer.Run(2, data, accumulating);

        Assert.Equal(first.Weights[0], first.Weights[1]);
        Assert.Equal(first.Weights[0], second.Weights[0]);
        Assert.Equal(Curve(first.Steps[0]), Curve(first.Steps[1]));
        Assert.Equal(Curve(first.Steps[0]), Curve(second.Steps[0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_adapter_s_ranks_learn_what_one_learns(int stage)
    {
        var data = LearningSet.Plain(TestDocuments.Random(9, 2));
        var lora = new LoraSettings { Rank = 3, Targets = LoraTargets.Parse(".*layers\\.1\\..*(q|v|down)_proj") };

        var alone = RankedTrainer.Run(1, data, Of(1) with { LearningRate = 1e-2 }, lora);
        var together = RankedTrainer.Run(2, data, Of(2) with { LearningRate = 1e-2, ZeroStage = stage }, lora);

        RankedTrainer.AssertAlike(alone.Steps[0], together.Steps[0]);
        Assert.True(RankedTrainer.Difference(alone.Weights[0], together.Weights[0]) < 10 * RankedTrainer.Tolerance);
        Assert.Equal(together.Weights[0], together.Weights[1]);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_s_step_is_that_of_all_ranks(TrainingMethod method)
    {
        var data = TestDocuments.LearnedBy(method);
        var options = Options with { BatchSize = 100, MaxSteps = 2, PackTokens = 30 };
        RankedTrainer.Work work = (trainer, model) =>
        {
            if (data.Baseline != BaselineKind.None)
            {
                trainer.Compare(Baseline.Zero(data));
            }

            return [.. trainer.Run()];
        };

        var alone = RankedTrainer.Run(1, data, options, work: work);
        var together = RankedTrainer.Run(2, data, options with { ZeroStage = 3 }, work: work);

        RankedTrainer.AssertAlike(alone.Steps[0], together.Steps[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(long.MaxValue)]
    public void Ranks_tell_each_other_the_losses_of_all_documents_however_often_they_do(long tokensBetween)
    {
        var documents = TestDocuments.Random(13, 5);
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        var expected = DocumentLosses.Of(model, documents, packTokens: 60, cancellation: TestContext.Current.CancellationToken);
        var read = new float[3][][];

        ThreadCommunicator.Run(3, ranks =>
        {
            using var own = new CpuBackend(1);
            using var copy = TestDocuments.Model(own);
            var losses = read[ranks.Rank] = new float[documents.Length][];
            SharedReading.Read(
                copy, documents, packTokens: 60, ranks, (document, ofDocument) => losses[document] = ofDocument.ToArray(),
                tokensBetween: tokensBetween, cancellation: TestContext.Current.CancellationToken);
        });

        Assert.Equal(read[0], read[1]);
        Assert.Equal(read[0], read[2]);
        Assert.All(expected.Zip(read[0]), pair => Assert.Equal(
            pair.First, pair.Second, (one, other) => Math.Abs(one - other) < RankedTrainer.Tolerance));
    }

    [Fact]
    public void Fewer_documents_than_ranks_are_refused_in_a_sentence()
    {
        var refusal = Assert.Throws<OptionsException>(() =>
            new TrainingPlan(TestDocuments.Random(3, 5), Options with { Ranks = 4 }));

        Assert.Equal("3 documents cannot be divided over 4 ranks: a step needs one for each.", refusal.Message);
    }

    [Theory]
    [InlineData(1, 1.0, 1 + (2 / 4.0))]
    [InlineData(2, 1.0, (1 / 4.0) + (2 / 4.0))]
    [InlineData(3, 1 / 4.0, (1 / 4.0) + (2 / 4.0))]
    public void Planned_memory_is_a_rank_s_share_and_the_blocks_that_are_whole_for_a_while(int stage, double weights, double state)
    {
        using var backend = new CpuBackend(1);
        var config = TestDocuments.Config with { HiddenSize = 512, FeedForwardSize = 1536, Layers = 200, Windows = [.. new int[200]], QueryHeads = 64 };
        MemoryPlan Plan(TrainingOptions options, int here) =>
            MemoryPlan.Of(backend, config, null, options, largestBatch: 64, heldOutBatch: 0, processBytes: 0, here);

        var (one, rank) = (Plan(Options, 1), Plan(Options with { Ranks = 4, ZeroStage = stage }, 1));
        var all = Plan(Options with { Ranks = 4, ZeroStage = stage }, 4);

        // A layer's block is half a percent of all.
        Assert.Equal(weights, (double)rank.Weights / one.Weights, 0.02);
        Assert.Equal(state, (double)rank.OptimizerState / one.Weights, 0.02);
        Assert.Equal((4 * rank.Weights, 4 * rank.OptimizerState, 4 * rank.Activations), (all.Weights, all.OptimizerState, all.Activations));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_on_one_rank_ends_all_with_the_step_s_number()
    {
        var data = LearningSet.Plain(TestDocuments.Random(8, 8));

        var failure = Assert.Throws<TrainingException>(() => RankedTrainer.Run(2, data, Of(2), work: (trainer, model) =>
        {
            if (model.Trainable.Part.Index == 1)
            {
                model.Backend.Fill(model.Weights[0], float.NaN);
            }

            return Assert.Throws<TrainingException>(() => trainer.Run().Count()) is var thrown ? throw thrown : [];
        }));

        Assert.Contains("loss of step 1 is NaN", failure.Message);
    }

    [Fact]
    public void Batches_are_dealt_so_that_ranks_end_together()
    {
        Assert.Equal([[0, 3, 4], [1, 2]], BatchDivision.Of([9, 8, 7, 6, 5], 2));
        Assert.Equal([[0, 1, 2]], BatchDivision.Of([3, 9, 5], 1));
        Assert.Equal([[0], [], []], BatchDivision.Of([3], 3));
    }

    private static StepReport[] Measured(Trainer trainer, Models.LlamaModel model)
    {
        trainer.Measure();
        return [.. trainer.Run()];
    }

    private static TrainingOptions Of(int ranks) => Options with { BatchSize = StepDocuments / ranks };

    private static IEnumerable<(double, double)> Curve(StepReport[] steps) => steps.Select(step => (step.Loss, step.GradientNorm));
}
