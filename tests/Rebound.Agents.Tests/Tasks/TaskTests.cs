using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Files.Rows;
using Rebound.Testing;

namespace Rebound.Agents.Tests.Tasks;

public sealed class TaskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-task-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("gsm8k", "train", 7473)]
    [InlineData("gsm8k", "test", 1319)]
    [InlineData("ASDiv", "test", 2023)]
    [InlineData("MultiArith", "test", 596)]
    [InlineData("SVAMP", "test", 1000)]
    [InlineData("hotpotqa", "train", 8000)]
    [InlineData("hotpotqa", "test", 500)]
    [InlineData("StrategyQA", "train", 1290)]
    [InlineData("strategyqa", "test", 500)]
    public async Task The_tasks_of_the_paper_load(string name, string split, int count)
    {
        var task = TaskRegistry.Open(name);
        var path = QuestionLoader.Find(task, SharedData.Path("data"), split);

        var questions = await QuestionLoader.ReadAsync(path, task.Fields, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(count, questions.Count);
        Assert.All(questions, question => Assert.NotNull(question.GroundTruth));
    }

    [Fact]
    public void Questions_are_found_above_the_task_and_in_its_own_folder_and_not_in_another_tasks()
    {
        foreach (var name in new[] { "GSM8K", "svamp", "mine" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
            Write($"{name}/test.jsonl", "");
        }

        var (gsm8k, svamp) = (TaskRegistry.Open("gsm8k"), TaskRegistry.Open("svamp"));
        Assert.Equal(Path.Combine(_folder, "svamp/test.jsonl"), QuestionLoader.Find(svamp, _folder, "test"));
        Assert.Equal(Path.Combine(_folder, "svamp/", "test.jsonl"), QuestionLoader.Find(svamp, Path.Combine(_folder, "svamp/"), "test"));
        Assert.Equal(Path.Combine(_folder, "GSM8K", "test.jsonl"), QuestionLoader.Find(gsm8k, Path.Combine(_folder, "GSM8K"), "test"));
        Assert.Equal(Path.Combine(_folder, "mine", "test.jsonl"), QuestionLoader.Find(gsm8k, Path.Combine(_folder, "mine"), "test"));
        var said = Assert.Throws<ArgumentException>(() => QuestionLoader.Find(gsm8k, Path.Combine(_folder, "svamp"), "test")).Message;
        Assert.Contains("has no test questions of gsm8k: it should hold gsm8k/test.json or gsm8k/test.jsonl", said);
    }

    [Theory]
    [InlineData(0, null, "0 1 2 3 4")]
    [InlineData(1, 3, "1 2")]
    [InlineData(3, 99, "3 4")]
    [InlineData(-2, null, "3 4")]
    [InlineData(0, -1, "0 1 2 3")]
    [InlineData(4, 2, "")]
    public async Task Slices_are_taken_by_index_as_python_takes_them(int start, int? end, string expected)
    {
        var path = Write(
            "questions.jsonl", string.Join('\n', Enumerable.Range(0, 5).Select(i => $$"""{"question": "q{{i}}", "answer": "a"}""")));

        var questions = await QuestionLoader.ReadAsync(
            path, QuestionFields.Usual, start, end, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(expected, string.Join(' ', questions.Select(question => question.IdText)));
    }

    [Fact]
    public async Task A_task_of_ones_own_comes_from_yaml()
    {
        Write("mine.jsonl", """{"key": "q-1", "ask": "2 + 2?", "right": 4}""");
        var task = TaskRegistry.Open(Write("mine.yml", """
            name: mine
            questions: mine.jsonl
            question_field: ask
            ground_truth_field: right
            id_field: key
            scorer: number
            tools: [calculate]
            prompt: prompts.json
            template: zero-shot
            """));

        var question = Assert.Single(await QuestionLoader.ReadAsync(
            QuestionLoader.Find(task, "/elsewhere", "test"), task.Fields, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal(("q-1", "2 + 2?"), (question.IdText, question.Question));
        Assert.True(((IScorer)task.Judge).Score(question.GroundTruth, "4.0").Reward);
        Assert.Equal("calculate", Assert.Single(task.Tools));
        Assert.Equal("zero-shot", task.Template);
    }

    [Theory]
    [InlineData("questions: q.jsonl\nscorer: math", "'name': is missing")]
    [InlineData("name: x\nquestions: q.jsonl\nscorer: magic", "'magic' is none of math, answer, yes-no, number")]
    [InlineData("name: x\nquestion: q.jsonl\nscorer: math", "question")]
    [InlineData("name: [", "mine.yml")]
    public void What_is_wrong_with_a_task_is_said(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => TaskRegistry.Open(Write("mine.yml", yaml))).Message);

    [Fact]
    public void An_unknown_task_is_said_with_those_there_are() =>
        Assert.Contains("gsm8k, asdiv", Assert.Throws<ArgumentException>(() => TaskRegistry.Open("gsm9k")).Message);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
