using Rebound.Files.Messages;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests;

/// <summary>Options that nothing can be done with are refused where they are used, all of them at once.</summary>
public sealed class OptionsTests
{
    private static readonly TrainingOptions Wrong = new()
    {
        BatchSize = 0,
        LearningRate = -1,
        WarmupRatio = 7,
        Optimizer = new AdamWOptions { Beta2 = 1 },
    };

    private static readonly string[] Sentences =
    [
        "BatchSize is 0; it must be at least 1.",
        "LearningRate is -1; it must be at least 0.",
        "WarmupRatio is 7; it must be from 0 to 1.",
        "Optimizer.Beta2 is 1; it must be from 0 to 0.999999.",
    ];

    [Fact]
    public void A_plan_refuses_a_recipe_with_every_option_its_value_and_what_was_allowed()
    {
        var refusal = Assert.Throws<OptionsException>(() => new TrainingPlan(TestDocuments.Random(4, 1), Wrong));

        Assert.Equal(Sentences, refusal.Message.Split('\n'));
        Assert.Equal(["BatchSize", "LearningRate", "WarmupRatio", "Optimizer.Beta2"], refusal.Problems.Select(problem => problem.Option));
        Assert.Equal([0, -1.0, 7.0, 1f], refusal.Problems.Select(problem => problem.Value));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_that_is_no_finite_number_is_refused(double rate) =>
        Assert.Equal(["LearningRate"], new TrainingOptions { LearningRate = rate }.Validate().Select(problem => problem.Option));

    [Fact]
    public void The_options_of_a_run_are_told_with_those_that_they_are_made_of()
    {
        var problems = new RunOptions
        {
            OutputFolder = "out",
            Data = new DatasetOptions(),
            Training = Wrong,
            PackTokens = 0,
            Rendering = new() { MaxLength = 1, Renderer = "none" },
            HeldOut = new() { Amount = new HeldOutAmount(1.5) },
            Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, 0), KeepNewest = 0 },
        }.Validate();

        Assert.Equal(
            [
                "Data is without trajectories; it must be given a path of some.",
                "Rendering.Renderer is none; it must be chat-template or llama-2.",
                "Rendering.MaxLength is 1; it must be at least 2.",
                .. Sentences.Select(sentence => $"Training.{sentence}"),
                "PackTokens is 0; it must be at least 1.",
                "HeldOut.Amount is 1.5; it must be a whole number of questions, or a share of them between 0 and 1.",
                "Checkpoints.Schedule.Interval is 0; it must be a whole number of steps, or a share of the run's steps between 0 and 1.",
                "Checkpoints.KeepNewest is 0; it must be at least 1.",
            ],
            problems.Select(problem => problem.Sentence()));
    }

    [Fact]
    public void A_sentence_takes_the_names_that_options_have_where_it_is_shown()
    {
        var problem = new OptionProblem(
            "OutputFolder", $"{new OptionName("OutputFolder")}: {"{0}"} is taken ({new OptionName("Overwrite")}).");

        Assert.Equal("OutputFolder: {0} is taken (Overwrite).", problem.Sentence());
        Assert.Equal("--outputfolder: {0} is taken (--overwrite).", problem.Sentence(name => $"--{name.ToLowerInvariant()}"));
    }
}
