using Rebound.Agents.Search;
using Rebound.Files.Rows;
using Rebound.Testing;

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

    [Fact]
    public async Task Trajectories_give_what_their_searches_found_once()
    {
        using var file = new TemporaryFile(
            """
            {"id": 1, "conversations": [
              {"role": "assistant", "content": "Thought: so\nAction: search[moon]", "loss": true},
              {"role": "user", "content": "Observation:  #1: The moon is far. #2: It is #3 of them", "loss": false},
              {"role": "assistant", "content": "Action: calculate[1+1]", "loss": true},
              {"role": "user", "content": "Observation: 2", "loss": false},
              {"role": "assistant", "content": "Action: search[sun]", "loss": true},
              {"role": "user", "content": "Observation:  #1: The sun is hot. #2: The moon is far.", "loss": false},
              {"role": "assistant", "content": "Action: finish[yes]", "loss": true}]}
            """.ReplaceLineEndings(""), ".jsonl");

        var passages = await Corpus.ReadAsync(file.Path).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["The moon is far.", "It is #3 of them", "The sun is hot."], passages.Select(passage => passage.Text));
    }
}
