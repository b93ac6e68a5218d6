using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

public sealed class QuestionFileTests
{
    [Fact]
    public async Task Ids_may_be_strings_numbers_or_the_place_in_the_file()
    {
        using var file = new TemporaryFile("""
            {"question": "first?"}
            {"question": "second?"}
            {"id": "b", "question": "third?"}
            {"id": 12, "question": "fourth?"}
            """);
        var questions = await QuestionFile.ReadAsync(file.Path, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["first?", "second?", "third?", "fourth?", null], new[] { "0", "1", "b", "12", "2" }.Select(questions.Find));
    }

    [Fact]
    public async Task Two_questions_of_one_id_are_an_error()
    {
        using var file = new TemporaryFile("""[{"id": 1, "question": "a"}, {"id": 1, "question": "a"}, {"id": "1", "question": "b"}]""");
        var error = await Assert.ThrowsAsync<DataException>(() =>
            QuestionFile.ReadAsync(file.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal((3, "id"), (error.Row!.Value, error.Field!));
    }

    [Theory]
    [InlineData("strategyqa/train.jsonl", 1290)]
    [InlineData("gsm8k/train.jsonl", 7473)]
    [InlineData("gsm8k/test.json", 1319)]
    [InlineData("hotpotqa/train_random_8000.json", 8000)]
    [InlineData("asdiv/test.jsonl", 2023)]
    public async Task The_question_files_of_the_tasks_are_read(string name, int count) =>
        Assert.Equal(
            count,
            (await QuestionFile.ReadAsync(SharedData.Path($"data/{name}"), cancellation: TestContext.Current.CancellationToken)).Count);
}
