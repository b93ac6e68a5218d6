using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>The tables of a comparison as CSV files.</summary>
internal sealed class ComparisonTables(
    IReadOnlyList<MeasuredRun> runs, IReadOnlyList<ScoreView> views, IReadOnlyList<(Arm Arm, Arm Other)> pairs,
    IReadOnlyList<SolvedTogether> overlaps)
{
    private static readonly string[] ArmColumns = ["method", "model", "successes", "failures"];

    public void Write(string folder)
    {
        Scores().Write(Path.Combine(folder, "scores.csv"));
        Summary().Write(Path.Combine(folder, "summary.csv"));
        Differences().Write(Path.Combine(folder, "differences.csv"));
        Solved().Write(Path.Combine(folder, "solved.csv"));
        Costs().Write(Path.Combine(folder, "costs.csv"));
        if (runs.Any(run => run.Likelihoods.Count > 0))
        {
            Likelihoods().Write(Path.Combine(folder, "likelihoods.csv"));
        }

        if (runs.Any(run => run.Tasks.Any(task => task.Tries.Count > 0)))
        {
            Tries().Write(Path.Combine(folder, "tries.csv"));
            TrySummary().Write(Path.Combine(folder, "tries-summary.csv"));
        }
    }

    /// <summary>Every run's scores.</summary>
    private CsvTable Scores()
    {
        var table = new CsvTable([.. ArmColumns, "seed", "task", "out_of_distribution", "metric", "questions", "score"]);
        foreach (var (run, task) in runs.SelectMany(run => run.Tasks, (run, task) => (run, task)))
        {
            foreach (var (metric, values) in task.Metrics)
            {
                table.Add([.. Cells(run.Arm), run.Seed, task.Task, task.IsOutOfDistribution, metric, values.Count, values.Average()]);
            }
        }

        return table;
    }

    private CsvTable Summary()
    {
        var table = new CsvTable([.. ArmColumns, "task", "out_of_distribution", "metric", "seeds", "mean", "low", "high"]);
        foreach (var view in views)
        {
            foreach (var score in view.Table.Scores)
            {
                table.Add(
                [
                    .. Cells(score.Arm), view.Name, view.IsOutOfDistribution, view.Metric, score.Seeds.Count, score.Mean,
                    score.Interval.Low, score.Interval.High,
                ]);
            }
        }

        return table;
    }

    private CsvTable Differences()
    {
        var table = new CsvTable(
            [.. ArmColumns, "other_method", "other_failures", "task", "metric", "seeds", "difference", "low", "high"]);
        foreach (var view in views)
        {
            foreach (var gap in pairs.Select(pair => view.Table.Between(pair.Arm, pair.Other)).OfType<ArmGap>())
            {
                table.Add(
                [
                    .. Cells(gap.Arm), gap.Other.Method, gap.Other.Failures, view.Name, view.Metric, gap.Seeds.Count, gap.Mean,
                    gap.Interval.Low, gap.Interval.High,
                ]);
            }
        }

        return table;
    }

    /// <summary>Every question with the methods that solve it.</summary>
    private CsvTable Solved()
    {
        var table = new CsvTable([.. ArmColumns, "task", "question", "alone"]);
        foreach (var overlap in overlaps)
        {
            foreach (var (arm, solved) in overlap.Arms.Zip(overlap.Solved))
            {
                foreach (var question in solved.Solved.Order())
                {
                    table.Add([.. Cells(arm), overlap.Task, overlap.Questions[question], solved.Alone.Contains(question)]);
                }
            }
        }

        return table;
    }

    private CsvTable Likelihoods()
    {
        var table = new CsvTable(
        [
            .. ArmColumns, "seed", "question", "success_tokens", "success_positive", "success_negative", "success_none", "failure_tokens",
            "failure_positive", "failure_negative", "failure_none",
        ]);
        foreach (var (run, pair) in runs.SelectMany(run => run.Likelihoods, (run, pair) => (run, pair)))
        {
            table.Add([.. Cells(run.Arm), run.Seed, pair.Question, .. Cells(pair.Success), .. Cells(pair.Failure)]);
        }

        return table;
    }

    /// <summary>Every try with its verdict.</summary>
    private CsvTable Tries()
    {
        var table = new CsvTable([.. ArmColumns, "seed", "task", "question", "temperature", "try", "right", "verdict"]);
        foreach (var (run, task) in runs.SelectMany(run => run.Tasks, (run, task) => (run, task)))
        {
            foreach (var tried in task.Tries)
            {
                foreach (var (place, right) in tried.Right.Index())
                {
                    table.Add(
                        [.. Cells(run.Arm), run.Seed, task.Task, tried.Question, tried.Temperature, place, right, tried.Scores?[place]]);
                }
            }
        }

        return table;
    }

    private CsvTable TrySummary()
    {
        var table = new CsvTable([.. ArmColumns, "task", "measure", "seeds", "mean", "low", "high"]);
        foreach (var task in runs.SelectMany(run => run.Tasks).Where(task => task.Tries.Count > 0).Select(task => task.Task).Distinct())
        {
            var tried = DerivedScores.OfTries(runs, task);
            foreach (var measure in tried.SelectMany(run => run.Tasks[0].Metrics.Keys).Distinct())
            {
                AddAll(measure, new ScoreTable(tried, [task], measure).Scores);
            }

            AddAll("auc", VerdictArea.Of(runs, task));

            void AddAll(string measure, IEnumerable<ArmScore> scores)
            {
                foreach (var score in scores)
                {
                    table.Add([.. Cells(score.Arm), task, measure, score.Seeds.Count, score.Mean, score.Interval.Low, score.Interval.High]);
                }
            }
        }

        return table;
    }

    private CsvTable Costs()
    {
        var table = new CsvTable(
            [.. ArmColumns, "seed", "training_seconds", "steps", "training_tokens", "answer_seconds", "input_tokens", "output_tokens"]);
        foreach (var run in runs)
        {
            table.Add(
            [
                .. Cells(run.Arm), run.Seed, run.Training?.Seconds, run.Training?.Steps, run.Training?.Tokens,
                run.Tasks.Sum(task => task.Seconds), run.Tasks.Sum(task => task.InputTokens), run.Tasks.Sum(task => task.OutputTokens),
            ]);
        }

        return table;
    }

    private static object?[] Cells(Arm arm) => [arm.Method, arm.Model, arm.Successes, arm.Failures];

    private static object?[] Cells(ConditionedLikelihood likelihood) =>
        [likelihood.Tokens, likelihood.Positive, likelihood.Negative, likelihood.Unconditioned];
}
