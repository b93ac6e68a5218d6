using Rebound.Engine;
using Rebound.Training.Evaluation;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests;

public sealed class HeldOutTests
{
    // fp32 sums of up to a few thousand terms, in another order: a few hundred roundings of 2^-24.
    private const double Tolerance = 300.0 / (1 << 24);

    [Theory]
    [InlineData(0.25, 25)]
    [InlineData(0.001, 1)]
    [InlineData(10, 10)]
    public void Questions_are_held_out_whole_and_in_proportion_to_their_outcomes(double amount, int expected)
    {
        var documents = Tries(questions: 100);
        var split = HeldOutSplit.Of(documents, new HeldOutAmount(amount), seed: 4);
        var heldOut = split.HeldOut.Select(document => document.Id).ToHashSet();

        Assert.Equal(expected, split.HeldOutQuestions);
        Assert.Equal(expected, heldOut.Count);
        Assert.DoesNotContain(split.Training, document => heldOut.Contains(document.Id));
        Assert.Equal(documents, split.Training.Concat(split.HeldOut).OrderBy(document => Array.IndexOf(documents, document)));
        if (expected >= 10)
        {
            // 40 of the 100 questions have successes only.
            var successes = split.HeldOut.GroupBy(document =>
                document.Id).Count(question => question.All(document => document.Outcome == "positive"));
            Assert.InRange(successes, (0.4 * expected) - 1, (0.4 * expected) + 1);
        }
    }

    [Fact]
    public void The_seed_draws_the_questions()
    {
        var documents = Tries(questions: 50);
        Assert.Equal(Held(1), Held(1));
        Assert.NotEqual(Held(1), Held(2));

        string[] Held(long seed) => [.. HeldOutSplit.Of(documents, new HeldOutAmount(10), seed).HeldOut.Select(document => document.Id)];
    }

    [Fact]
    public void Something_must_be_left_to_train_on() => Assert.Contains(
        "only 5", Assert.Throws<ArgumentException>(() => HeldOutSplit.Of(Tries(questions: 5), new HeldOutAmount(5), seed: 1)).Message);

    [Fact]
    public void The_loss_is_the_mean_over_supervised_tokens_for_all_and_for_each_outcome()
    {
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        var documents = TestDocuments.Random(11, 3).Select((document, i) =>
            document with { Outcome = i % 3 == 0 ? "positive" : "negative" }).ToArray();
        var report = new HeldOutLoss(model, documents, packTokens: 64, TimeProvider.System).Measure();

        Assert.Equal(Mean(documents), report.Loss, report.Loss * Tolerance);
        Assert.Equal(["positive", "negative"], report.LossByOutcome.Select(part => part.Outcome));
        Assert.All(report.LossByOutcome, part =>
            Assert.Equal(Mean([.. documents.Where(document => document.Outcome == part.Outcome)]), part.Loss, part.Loss * Tolerance));

        double Mean(TokenizedDocument[] part) =>
            part.Sum(document => model.Loss(new PackedBatch(document.Tokens, [0, document.Tokens.Length], document.Labels)))
            / part.Sum(document => document.SupervisedTokens);
    }

    [Fact]
    public void The_best_is_the_first_of_the_least()
    {
        var best = BestHeldOut.Of(null, 2, 10);
        best = BestHeldOut.Of(best, 1, 20);
        best = BestHeldOut.Of(best, 1, 30);
        Assert.Equal(new BestHeldOut(1, 20), BestHeldOut.Of(best, double.NaN, 40));
    }

    /// <summary>Of every ten questions four have successes only, three failures only, and three both.</summary>
    private static TokenizedDocument[] Tries(int questions) =>
    [
        .. Enumerable.Range(0, questions).SelectMany(question => (question % 10) switch
        {
            < 4 => new[] { Try(question, "positive"), Try(question, "positive") },
            < 7 => [Try(question, "negative")],
            _ => [Try(question, "positive"), Try(question, "negative")],
        }),
    ];

    private static TokenizedDocument Try(int question, string outcome) =>
        new($"q{question}", "none", [1, 2, 3], [-100, 2, 3]) { Outcome = outcome };
}
