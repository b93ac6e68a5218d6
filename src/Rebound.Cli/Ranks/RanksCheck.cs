using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Engine.Collectives;

namespace Rebound.Cli.Ranks;

/// <summary>The times that ranks took.</summary>
/// <param name="SumSeconds">The median of adding a tensor.</param>
/// <param name="MeetingSeconds">The median until all had met.</param>
internal sealed record RanksSpeed(double SumSeconds, double MeetingSeconds);

/// <summary>A check of the ranks' communication that all of them make together.</summary>
internal sealed class RanksCheck
{
    private const int Elements = 4 << 20;
    private const long Bytes = Elements * sizeof(float);

    /// <summary>Times that a median is of, the last ones.</summary>
    private const int MostTimes = 1000;

    private readonly Communicator _ranks;

    public RanksCheck(Communicator ranks, RankPlan plan)
    {
        (_ranks, Plan) = (ranks, plan);
        Ranks = [.. ranks.Exchange(Encoding.UTF8.GetBytes(
            $"rank {plan.Rank}  host {Environment.MachineName}  number {plan.LocalRank} there  process {Environment.ProcessId}"))
            .Select(Encoding.UTF8.GetString)];
    }

    public RankPlan Plan { get; }

    /// <summary>Each rank in its own words, by rank.</summary>
    public IReadOnlyList<string> Ranks { get; }

    /// <summary>Adds a tensor of every rank, again and again, and checks each sum.</summary>
    /// <exception cref="InvalidOperationException">A sum is wrong.</exception>
    /// <exception cref="OperationCanceledException">A rank was asked to stop: all do.</exception>
    public RanksSpeed Add(int repeats, CancellationToken interrupted)
    {
        using var backend = new CpuBackend(threads: 1);
        var memory = new ArenaPlan();
        memory.Add(new TensorSpec("sum", new Shape(Elements)));
        using var arena = backend.Allocate(memory);
        var sum = arena[0];
        var count = Math.Min(repeats, MostTimes);
        var (sums, meetings) = (new double[count], new double[count]);
        for (var i = 0; i < repeats; i++)
        {
            if (_ranks.Sum(interrupted.IsCancellationRequested ? 1 : 0) > 0)
            {
                throw new OperationCanceledException(interrupted);
            }

            Fill(sum.AsSpan<float>());
            meetings[i % count] = Seconds(_ranks.Barrier);
            sums[i % count] = Seconds(() => _ranks.AllReduce(sum));
            CheckSum(sum.AsSpan<float>());
        }

        _ranks.Barrier();
        return new RanksSpeed(Median(sums), Median(meetings));
    }

    /// <summary>For people.</summary>
    public string Sentence(RanksSpeed speed) =>
        $"The sum of {Bytes >> 20} MiB of every rank is right on every rank, after {1000 * speed.SumSeconds:0.0} ms "
        + $"({Bytes / speed.SumSeconds / 1e9:0.0} GB/s; {_ranks.Description}); all have met after {1000 * speed.MeetingSeconds:0.00} ms.";

    public JsonObject ToJson(RanksSpeed speed) => new()
    {
        ["launch"] = Plan.Family,
        ["size"] = Plan.Size,
        ["hosts"] = Plan.Nodes,
        ["ranks"] = new JsonArray([.. Ranks.Select(rank => JsonValue.Create(rank))]),
        ["way"] = _ranks.Description,
        ["bytes"] = Bytes,
        ["sum_seconds"] = speed.SumSeconds,
        ["meeting_seconds"] = speed.MeetingSeconds,
    };

    /// <summary>Whole numbers, whose sums are exact.</summary>
    private void Fill(Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (i % 1000) + Plan.Rank;
        }
    }

    private void CheckSum(ReadOnlySpan<float> sum)
    {
        var ofRanks = Plan.Size * (Plan.Size - 1L) / 2;
        for (var i = 0; i < sum.Length; i++)
        {
            var expected = ((i % 1000) * (long)Plan.Size) + ofRanks;
            if (sum[i] != expected)
            {
                throw new InvalidOperationException($"The sum of element {i} over {Plan.Size} ranks is {sum[i]} and should be {expected}.");
            }
        }
    }

    private static double Seconds(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
