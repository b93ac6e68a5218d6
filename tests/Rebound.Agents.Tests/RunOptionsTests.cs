using Rebound.Agents.Runs;

namespace Rebound.Agents.Tests;

/// <summary>Options of collections and evaluations that nothing can be done with are told, all of them at once.</summary>
public sealed class RunOptionsTests
{
    [Fact]
    public void A_collection_tells_every_option_its_value_and_what_was_allowed()
    {
        var problems = new CollectionOptions
        {
            OutputFolder = "out",
            Samples = 0,
            Concurrency = 0,
            Temperatures = [3, 1, 1],
            Budget = new() { Money = 5 },
        }.Validate();

        Assert.Equal(
            [
                "Samples is 0; it must be at least 1.",
                "Concurrency is 0; it must be at least 1.",
                "Temperatures has '3'; a temperature is a number from 0 to 2.",
                "Temperatures names a temperature twice; Samples tries one several times.",
                "Budget.Money needs Budget.InputPrice and Budget.OutputPrice: nothing costs anything.",
            ],
            problems.Select(problem => problem.Sentence()));
    }

    [Fact]
    public void An_evaluation_tells_every_option_its_value_and_what_was_allowed()
    {
        var problems = new EvaluationOptions
        {
            OutputFolder = "out",
            Conditions = ["none", "none"],
            Guidance = -1,
            Temperature = float.NaN,
            Concurrency = 0,
        }.Validate();

        Assert.Equal(
            [
                "Temperature is NaN; it must be from 0 to 2.",
                "Guidance is -1; it must be at least 0.",
                "Conditions is none,none; it must be names of conditions, each once.",
                "Conditions is none,none; it must be with 'guided' where Guidance is given, and nowhere else.",
                "Concurrency is 0; it must be at least 1.",
            ],
            problems.Select(problem => problem.Sentence()));
    }
}
