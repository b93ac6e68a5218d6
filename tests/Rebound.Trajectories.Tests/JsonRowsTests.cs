using Rebound.Files.Rows;
using Rebound.Testing;

namespace Rebound.Trajectories.Tests;

/// <summary>Reading files piece by piece: what is broken is told, and memory does not grow with the file.</summary>
public sealed class JsonRowsTests
{
    private const string Good = """{"messages": [{"role": "assistant", "content": "yes"}]}""";

    [Theory]
    [InlineData("{\"messages\": [")]
    [InlineData("{\"messages\": \"unclosed")]
    [InlineData("nothing")]
    [InlineData("}")]
    public async Task A_broken_line_is_left_out_and_told_where_bad_rows_are(string broken)
    {
        using var file = new TemporaryFile($"{Good}\n{broken}\n\n{Good}\n{Good}\n{broken}", ".jsonl");
        var bad = new List<DataException>();
        var read = await TrajectoryRows.ReadAsync(file.Path, onBadRow: bad.Add);
        Assert.Equal([1, 3, 4], read.Select(trajectory => trajectory.Row));
        Assert.Equal([2, 5], bad.Select(error => error.Row!.Value));
        Assert.Contains("line 6 is not valid JSON", bad[1].Message);
        await Assert.ThrowsAsync<DataException>(() => TrajectoryRows.ReadAsync(file.Path));
    }

    [Theory]
    [InlineData($"[{Good} {Good}]", "',' or ']' was expected, not '{'")]
    [InlineData($"[{Good}", "the list is not closed")]
    [InlineData($"[{Good},", "line 1")]
    [InlineData($"[{Good}] x", "something follows")]
    [InlineData($"[{Good}, oops]", "line 1")]
    public async Task A_broken_list_ends_the_reading_whatever_is_done_with_bad_rows(string text, string words)
    {
        using var file = new TemporaryFile(text);
        var error = await Assert.ThrowsAsync<DataException>(() => TrajectoryRows.ReadAsync(file.Path, onBadRow: _ => { }));
        Assert.Contains(words, error.Message);
        Assert.Contains("is not valid JSON", error.Message);
    }

    /// <summary>Rows shorter and longer than the reader's buffer, so that they end at every place of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_of_every_length_come_back_whole(bool list)
    {
        int[] lengths = [0, 1, 65_400, 65_500, 65_535, 65_536, 65_537, 131_072, 7, 300_000, 3];
        var rows = lengths.Select(length => $$"""{"messages": [{"role": "assistant", "content": "{{new string('é', length)}}"}]}""");
        using var file = new TemporaryFile(list ? $"[{string.Join(" ,\r\n", rows)}\n]\n" : string.Join("\r\n", rows));
        Assert.Equal(lengths, (await TrajectoryRows.ReadAsync(file.Path)).Select(trajectory => trajectory.Turns[0].Content.Length));
    }
}
