using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class DataConvertTests
{
    [Fact]
    public void There_and_back_again_is_the_same_and_training_data_too()
    {
        using var folder = new TrainingFolder();
        var (messages, back) = (folder.Path("messages.jsonl"), folder.Path("back.json"));
        ReboundProcess.Run(
            "data", "convert", folder.Path("positive.json"), folder.Path("negative.json"), "--to", "openai",
            "--output", messages).Succeeded();
        ReboundProcess.Run("data", "convert", "--input", messages, "--output", back, "--to", "nat").Succeeded();
        var expected = new JsonArray(
            [.. Rows(folder.Path("positive.json")).Concat(Rows(folder.Path("negative.json"))).Select(row => row!.DeepClone())]);
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(File.ReadAllText(back))));

        var apart = Render(folder);
        Assert.Equal(apart, Render(folder, "--data", messages));
        Assert.Equal(apart, Render(folder, "--data", back));
    }

    [Fact]
    public void Rendered_rows_have_labels_where_the_loss_is_and_go_in_the_order_of_training()
    {
        using var folder = new TrainingFolder();
        var rows = Render(folder).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(["0", "1", "0", "1"], rows.Select(row => (string)row["id"]!));
        var (tokens, labels) = (Numbers(rows[0], "input_ids"), Numbers(rows[0], "labels"));
        Assert.Equal(tokens.Length, labels.Length);
        Assert.All(tokens.Zip(labels), pair => Assert.True(pair.Second == -100 || pair.Second == pair.First));
        var learned = labels.Where(label => label != -100).ToArray();
        Assert.Equal("two".Length + 1, learned.Length);
    }

    [Fact]
    public void Bad_rows_end_it_without_an_output_or_are_left_out_and_counted_by_kind()
    {
        using var folder = new TrainingFolder();
        var (input, output) = (folder.Path("bad.jsonl"), folder.Path("out.jsonl"));
        File.WriteAllLines(input,
        [
            """{"messages": [{"role": "user", "content": "good"}]}""",
            """{"messages": [{"role": "user", "content": 3}]}""",
            """{"messages": [{"role": "user", "content": 4}]}""",
            "{\"messages\": [",
        ]);
        var said = ReboundProcess.Run("data", "convert", input, "--to", "nat", "--output", output, "--quiet").Refused();
        Assert.Contains("row 2: 'messages[0].content': must be a string, but is the number 3.", said);
        Assert.Contains("row 4: line 5 is not valid JSON", said);
        Assert.Contains("--on-bad-row skip", said);
        Assert.Equal(["bad.jsonl"], Directory.GetFiles(folder.Root, "*.jsonl*").Select(Path.GetFileName).Except(["questions.jsonl"]));

        var run = ReboundProcess.Run("data", "convert", input, "--to", "nat", "--output", output, "--on-bad-row", "skip");
        run.Succeeded();
        Assert.Contains("3 bad rows were left out", run.Error);
        Assert.Matches(@"2  messages\[\]\.content: must be a string, but is the number …", run.Error);
        Assert.Single(File.ReadAllLines(output));
    }

    [Fact]
    public void No_input_is_written_over()
    {
        using var folder = new TrainingFolder();
        var positive = folder.Path("positive.json");
        var before = File.ReadAllText(positive);
        Assert.Contains("is also read", ReboundProcess.Run("data", "convert", positive, "--to", "openai", "--output", positive).Refused());
        Assert.Equal(before, File.ReadAllText(positive));
    }

    [Fact]
    public void Commands_under_data_are_shown_and_suggested()
    {
        var alone = ReboundProcess.Run("data");
        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("rebound data <command>", alone.Error);
        Assert.Contains("did you mean convert?", ReboundProcess.Run("data", "convrt").Refused());
        Assert.Contains("--to is required", ReboundProcess.Run("data", "convert", "x.json").Refused());
        Assert.DoesNotContain("System.", ReboundProcess.Run("data", "convert", "--help").Succeeded());
    }

    private static string Render(TrainingFolder folder, params string[] data) => ReboundProcess.Run(
        [
            "data", "render", "--model", folder.Path("model"), "--question-path", folder.Path("questions.jsonl"), "--prompt-path",
            folder.Path("prompts.json"), "--template", "aware",
            .. data.Length > 0 ? data : ["--pos-path", folder.Path("positive.json"), "--neg-path", folder.Path("negative.json")],
        ]).Succeeded();

    private static JsonArray Rows(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsArray();

    private static int[] Numbers(JsonNode row, string name) => [.. row[name]!.AsArray().Select(number => (int)number!)];
}
