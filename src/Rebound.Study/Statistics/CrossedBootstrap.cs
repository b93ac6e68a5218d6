using System.Numerics.Tensors;
using Rebound.Agents.Evaluation;

namespace Rebound.Study.Statistics;

/// <summary>
/// Percentile intervals over seeds and questions, where every seed met every question: both are drawn again (Owen
/// 2007, "The pigeonhole bootstrap"). A few seeds tell little about all seeds, and the interval is as wide as that. Questions are
/// drawn once for all runs, within each task, so that differences between runs are paired.
/// </summary>
public sealed class CrossedBootstrap
{
    private const int Resamples = 4000;

    /// <summary>Of the questions; another one than that of <see cref="BootstrapInterval"/>, which draws the seeds.</summary>
    private const int QuestionSeed = 20_070_901;

    /// <summary>[runs][resamples] a run's mean over the questions of a resample.</summary>
    private readonly double[][] _means;

    /// <summary>Draws the questions, and takes every run's means.</summary>
    /// <param name="runs">
    /// [runs][tasks][questions] scores; of every task at least one question, the same for all runs. A run's mean is that of its
    /// tasks' means.
    /// </param>
    /// <exception cref="ArgumentException">There are no runs or questions, or runs have other questions.</exception>
    public CrossedBootstrap(IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> runs)
    {
        var questions = runs.Count == 0 ? [] : runs[0].Select(task => task.Count).ToArray();
        if (questions.Length == 0 || questions.Contains(0) || runs.Any(run => !run.Select(task => task.Count).SequenceEqual(questions)))
        {
            throw new ArgumentException(
                "An interval needs at least one seed, and the same questions, at least one, for each.", nameof(runs));
        }

        _means = [.. runs.Select(_ => new double[Resamples])];
        var random = new Random(QuestionSeed);
        for (var task = 0; task < questions.Length; task++)
        {
            AddMeans([.. runs.Select(run => run[task].ToArray())], random, 1.0 / (questions[task] * questions.Length));
        }
    }

    /// <summary>The interval of one kind of run.</summary>
    /// <param name="values">[seeds][questions]; at least one of each, and as many questions for every seed.</param>
    /// <exception cref="ArgumentException">There are no values, or seeds have other questions.</exception>
    public static Interval OfMean(IReadOnlyList<IReadOnlyList<double>> values) =>
        new CrossedBootstrap([.. values.Select(seed => (IReadOnlyList<IReadOnlyList<double>>)[seed])]).OfMean(
            [.. Enumerable.Range(0, values.Count)]);

    /// <summary>The interval of the mean over seeds of one kind of run.</summary>
    /// <param name="runs">The kind's runs, one a seed, by their place in what the constructor was given.</param>
    public Interval OfMean(IReadOnlyList<int> runs) => Of(runs.Count, (seed, resample) => _means[runs[seed]][resample]);

    /// <summary>The interval of the mean difference of two kinds of run with the same seeds.</summary>
    /// <param name="pairs">A run of each kind for every seed.</param>
    public Interval OfDifference(IReadOnlyList<(int Run, int Other)> pairs) => Of(
        pairs.Count, (seed, resample) => _means[pairs[seed].Run][resample] - _means[pairs[seed].Other][resample]);

    private void AddMeans(double[][] values, Random random, double weight)
    {
        var drawn = new double[values[0].Length];
        for (var resample = 0; resample < Resamples; resample++)
        {
            Array.Clear(drawn);
            for (var i = 0; i < drawn.Length; i++)
            {
                drawn[random.Next(drawn.Length)]++;
            }

            for (var run = 0; run < values.Length; run++)
            {
                _means[run][resample] += weight * TensorPrimitives.Dot<double>(drawn, values[run]);
            }
        }
    }

    private static Interval Of(int seeds, Func<int, int, double> valueOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        var resample = -1;
        return BootstrapInterval.Of(Resamples, random =>
        {
            resample++;
            var sum = 0.0;
            for (var i = 0; i < seeds; i++)
            {
                sum += valueOf(random.Next(seeds), resample);
            }

            return sum / seeds;
        });
    }
}
