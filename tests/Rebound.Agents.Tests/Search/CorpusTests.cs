using Rebound.Agents.Search;
using Rebound.Files.Rows;

namespace Rebound.Agents.Tests.Search;

public sealed class CorpusTests
{
    [Theory]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task A_row_that_is_no_object_is_named(string row)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("rebound-corpus-").FullName, "rows.jsonl");
        await File.WriteAllTextAsync(file, $"{{\"text\": \"A river.\"}}\n{row}\n", TestContext.Current.CancellationToken);
        try
        {
            var exception = await Assert.ThrowsAsync<DataException>(() =>
                Corpus.ReadAsync(file).ToListAsync(TestContext.Current.CancellationToken).AsTask());
            Assert.Equal(2, exception.Row);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
