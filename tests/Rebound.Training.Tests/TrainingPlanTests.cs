using Rebound.Engine;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Tests;

public sealed class TrainingPlanTests
{
    [Fact]
    public void Labels_outside_of_the_loss_are_those_of_the_engine() =>
        Assert.Equal(PackedBatch.IgnoreLabel, TokenizedDocument.IgnoreLabel);

    [Theory]
    [InlineData(10, 2, 2, 3.0, null, 3, 9)]
    [InlineData(8, 2, 2, 1.5, null, 2, 3)]
    [InlineData(10, 4, 1, 0.1, null, 3, 1)]
    [InlineData(10, 2, 2, 3.0, 20, 3, 20)]
    [InlineData(10, 65_536, 65_536, 3.0, null, 1, 3)]
    public void Steps_follow_from_documents_batch_and_epochs(
        int documents, int batch, int accumulation, double epochs, int? maxSteps, int perEpoch, int total)
    {
        var options = new TrainingOptions { BatchSize = batch, AccumulationSteps = accumulation, Epochs = epochs, MaxSteps = maxSteps };
        var plan = new TrainingPlan(TestDocuments.Random(documents, 1), options);
        Assert.Equal((perEpoch, total), (plan.StepsPerEpoch, plan.TotalSteps));
        Assert.Equal(Enumerable.Range(1, total), plan.Steps().Select(step => step.Number));
    }

    [Fact]
    public void A_step_of_more_documents_than_there_are_reads_them_all()
    {
        var options = new TrainingOptions { BatchSize = int.MaxValue, AccumulationSteps = int.MaxValue, Epochs = 3 };
        var plan = new TrainingPlan(TestDocuments.Random(5, 1), options);
        Assert.Equal((5, 1, 3), (plan.StepDocuments, plan.StepsPerEpoch, plan.TotalSteps));
    }

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(null, 1e6)]
    public void More_steps_than_can_be_planned_are_refused_with_their_number(int? maxSteps, double epochs)
    {
        var options = new TrainingOptions { BatchSize = 1, MaxSteps = maxSteps, Epochs = epochs };
        var refusal = Assert.Throws<ArgumentException>(() => new TrainingPlan(TestDocuments.Random(50, 1), options));
        Assert.Contains($"{maxSteps ?? 50_000_000:N0} steps", refusal.Message);
    }

    [Fact]
    public void Every_epoch_reads_every_document_once_in_an_order_of_its_own()
    {
        var documents = TestDocuments.Random(23, 2);
        var plan = new TrainingPlan(documents, new TrainingOptions { BatchSize = 4, Epochs = 2, PackTokens = 64 });
        var epochs = plan.Steps().Chunk(plan.StepsPerEpoch)
            .Select(steps => steps.SelectMany(step => step.Batches.Select(batch => batch.Packed)).SelectMany(Documents).ToArray()).ToArray();
        var expected = documents.Select(document => string.Join(' ', document.Tokens)).Order().ToArray();

        Assert.Equal(2, epochs.Length);
        Assert.All(epochs, epoch => Assert.Equal(expected, epoch.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_steps_from_wherever_they_begin()
    {
        var documents = TestDocuments.Random(23, 3);
        var options = new TrainingOptions { BatchSize = 4, Epochs = 2 };
        var whole = new TrainingPlan(documents, options).Steps().Skip(8).Select(Tokens);
        var rest = new TrainingPlan(documents, options).Steps(first: 9).Select(Tokens);
        var other = new TrainingPlan(documents, options with { Seed = 43 }).Steps(first: 9).Select(Tokens);
        Assert.Equal(whole, rest);
        Assert.NotEqual(whole, other);
    }

    [Fact]
    public void Totals_and_the_largest_batch_are_those_of_the_steps()
    {
        var plan = new TrainingPlan(TestDocuments.Random(40, 4), new TrainingOptions { BatchSize = 8, PackTokens = 50 });
        var steps = plan.Steps().ToArray();
        Assert.Equal(steps.Sum(step => (long)step.Tokens), plan.TotalTokens);
        Assert.Equal(steps.Sum(step => step.Batches.Count), plan.TotalBatches);
        Assert.Equal(steps.Max(step => step.Batches.Max(batch => batch.Packed.TokenCount)), plan.LargestBatch);
        Assert.InRange(plan.LargestBatch, 42, 50);
        Assert.All(steps, step => Assert.Equal(step.Batches.Sum(batch => batch.Packed.SupervisedRows.Length), step.SupervisedTokens));
        Assert.Equal(3, steps[^1].Epoch);
    }

    [Fact]
    public void What_follows_the_last_supervised_token_is_left_out()
    {
        var document = new TokenizedDocument("a", "none", [1, 2, 3, 4, 5], [-100, 2, -100, -100, -100]);
        var batch = Assert.Single(Assert.Single(new TrainingPlan([document], new TrainingOptions { MaxSteps = 1 }).Steps()).Batches).Packed;
        Assert.Equal([1, 2], batch.Tokens.ToArray());
        Assert.Equal([2], batch.Targets.ToArray());
    }

    [Fact]
    public void A_document_with_nothing_to_learn_is_refused_by_its_id()
    {
        var document = new TokenizedDocument("the-id", "none", [1, 2], [1, -100]);
        Assert.Contains("the-id", Assert.Throws<ArgumentException>(() => new TrainingPlan([document], new TrainingOptions())).Message);
        Assert.Throws<ArgumentException>(() => new TrainingPlan([], new TrainingOptions()));
    }

    private static string Tokens(OptimizerStep step) =>
        string.Join('|', step.Batches.Select(batch => string.Join(' ', batch.Packed.Tokens.ToArray())));

    private static IEnumerable<string> Documents(PackedBatch batch)
    {
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            yield return string.Join(' ', batch.Tokens[batch.DocumentStarts[d]..batch.DocumentStarts[d + 1]].ToArray());
        }
    }
}
