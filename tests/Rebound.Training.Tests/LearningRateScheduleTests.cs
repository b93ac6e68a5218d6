using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Training.Tests;

public sealed class LearningRateScheduleTests
{
    /// <summary>Expected factors by transformers' formulas, computed by hand for 2 of 6 steps of warm-up.</summary>
    [Theory]
    [InlineData(ScheduleKind.Linear, new[] { 0, 0.5, 1, 0.75, 0.5, 0.25, 0 })]
    [InlineData(ScheduleKind.Cosine, new[] { 0, 0.5, 1, 0.8535533905932737, 0.5, 0.14644660940672627, 0 })]
    [InlineData(ScheduleKind.Constant, new double[] { 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(ScheduleKind.ConstantWithWarmup, new[] { 0, 0.5, 1, 1, 1, 1, 1 })]
    public void Rates_follow_the_formulas_of_transformers(ScheduleKind kind, double[] factors)
    {
        var schedule = new LearningRateSchedule(kind, peak: 2e-4, warmupSteps: 2, totalSteps: 6);
        Assert.Equal(factors, Enumerable.Range(0, 7).Select(step => schedule.At(step) / 2e-4), new RelativeTolerance(1e-12));
    }

    [Fact]
    public void Rates_are_those_of_the_golden_runs()
    {
        foreach (var folder in Directory.EnumerateDirectories(SharedData.Path("golden/models")))
        {
            var steps = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "train10.json")))!["steps"]!.AsArray();
            var schedule = new LearningRateSchedule(ScheduleKind.Cosine, peak: 0.01, warmupSteps: 2, totalSteps: 10);
            Assert.Equal(
                steps.Select(step => step!["lr"]!.GetValue<double>()),
                Enumerable.Range(0, steps.Count).Select(schedule.At),
                new RelativeTolerance(1e-12));
        }
    }

    [Theory]
    [InlineData(100, 0.03, null, 3)]
    [InlineData(101, 0.03, null, 4)]
    [InlineData(100, 0.03, 0, 0)]
    [InlineData(100, 0.0, 7, 7)]
    [InlineData(1, 0.03, null, 0)]
    [InlineData(1, 0.0, 100, 0)]
    [InlineData(2, 0.5, null, 1)]
    public void Warm_up_is_a_share_rounded_up_unless_steps_are_given_and_none_of_a_single_step(
        int total, double ratio, int? steps, int expected) =>
        Assert.Equal(expected, new TrainingOptions { WarmupRatio = ratio, WarmupSteps = steps }.ScheduleFor(total).WarmupSteps);

    private sealed class RelativeTolerance(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y)) + 1e-18;

        public int GetHashCode(double value) => 0;
    }
}
