using Rebound.Fuzz.Judging;
using Rebound.Fuzz.Readers;

namespace Rebound.Fuzz.Tests;

/// <summary>Feeds every reader a few thousand spoilt inputs, the same ones every time, one reader on each core.</summary>
public sealed class ReaderTests
{
    private const long Inputs = 2_000;

    /// <summary>Readers whose inputs take too long for tests: a tool server that is silent is waited for.</summary>
    private static readonly string[] Slow = ["mcp"];

    private static readonly SemaphoreSlim Cores = new(Environment.ProcessorCount);

    private static readonly Lazy<Dictionary<string, Task<FuzzResult>>> Results =
        new(() => FuzzReaders.All.Where(reader => !Slow.Contains(reader.Name)).ToDictionary(reader => reader.Name, RunAsync));

    public static TheoryData<string> Readers => [.. FuzzReaders.All.Select(reader => reader.Name).Except(Slow)];

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task A_reader_takes_an_input_or_refuses_it_in_a_sentence_within_bounds(string reader)
    {
        var result = await Results.Value[reader];

        Assert.Empty(result.Findings.Select(finding => finding.ToString()));
        Assert.Equal(Inputs, result.Accepted + result.Refused);
    }

    private static async Task<FuzzResult> RunAsync(FuzzReader reader)
    {
        await Cores.WaitAsync();
        try
        {
            return await FuzzRun.RunAsync(reader, FuzzCommands.UsualSeed, Inputs);
        }
        finally
        {
            Cores.Release();
        }
    }
}
