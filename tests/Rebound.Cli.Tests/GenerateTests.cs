using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class GenerateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-generate-").FullName;

    private static string Model => SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");

    private static string Golden => SharedData.Path("golden/smollm2/generate.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rows_of_messages_come_out_as_the_oracle_has_them()
    {
        var expected = File.ReadAllLines(Golden).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        var questions = Write(
            "questions.jsonl", [.. expected.Select(row => new JsonObject { ["messages"] = row["messages"]!.DeepClone() }.ToJsonString())]);
        var longest = expected.Max(row => row["output_ids"]!.AsArray().Count);
        var answers = Path.Combine(_folder, "answers.jsonl");

        var run = ReboundProcess.Run(
            "generate", "--model", Model, "--input", questions, "--output", answers, "--max-new-tokens", $"{longest}", "--batch-size", "4");

        Assert.Empty(run.Succeeded());
        var actual = File.ReadAllLines(answers).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(
            expected.Zip(actual),
            pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second), $"{pair.Second}\nis not\n{pair.First}"));
        Assert.DoesNotContain(Directory.GetFiles(_folder), file => file.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_is_answered_on_standard_output_and_summed_up_on_standard_error()
    {
        var row = JsonNode.Parse(File.ReadLines(Golden).First())!;

        var run = ReboundProcess.Run("generate", "--model", Model, "--message", (string)row["messages"]![0]!["content"]!);

        Assert.Equal($"{(string)row["output"]!}\n", run.Succeeded());
        Assert.Contains($"{row["output_ids"]!.AsArray().Count} tokens", run.Error);
        Assert.Contains("ended by the model", run.Error);
    }

    [Fact]
    public void An_answer_is_held_to_a_schema_and_a_schema_that_cannot_be_held_to_is_refused()
    {
        var schema = Write("schema.json", """
            {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}, "days": {"type": "integer", "minimum": 2, "maximum": 4}},
             "required": ["city", "days"], "additionalProperties": false}
            """);
        var unique = Write("unique.json", """{"type": "array", "uniqueItems": true}""");

        var run = ReboundProcess.Run("generate", "--model", Model, "--message", "Three days in Paris, as JSON.", "--json-schema", schema);
        var refused = ReboundProcess.Run("generate", "--model", Model, "--message", "Hello", "--json-schema", unique);

        var answer = JsonNode.Parse(run.Succeeded())!;
        Assert.Contains((string)answer["city"]!, new[] { "Paris", "Rome" });
        Assert.InRange((int)answer["days"]!, 2, 4);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("unique.json: JSON Schema, at its root: 'uniqueItems'", refused.Error);
    }

    [Fact]
    public void An_answer_is_held_to_a_grammar_and_one_that_cannot_be_held_to_is_refused()
    {
        var grammar = Write("city.gbnf", """
            root ::= city (" and " city){0,2} "."
            city ::= "Paris" | "Rome"
            """);
        var wrong = Write("wrong.gbnf", "root ::= \"Paris\" |\n  town");

        var run = ReboundProcess.Run("generate", "--model", Model, "--message", "Name a city.", "--grammar", grammar, "--max-new-tokens", "30");
        var refused = ReboundProcess.Run("generate", "--model", Model, "--message", "Name a city.", "--grammar", wrong);
        var both = ReboundProcess.Run("generate", "--model", Model, "--message", "Name a city.", "--grammar", grammar, "--json-object");

        Assert.Matches(@"^(Paris|Rome)( and (Paris|Rome)){0,2}\.\n$", run.Succeeded());
        Assert.Equal((2, 2), (refused.ExitCode, both.ExitCode));
        Assert.Contains("wrong.gbnf: Grammar, line 2, column 3: the rule 'town' is not there", refused.Error);
        Assert.Contains("Give one of --json-schema, --json-object and --grammar", both.Error);
    }

    [Fact]
    public void A_GGUF_that_names_another_end_of_its_texts_ends_its_answers_all_the_same()
    {
        var bytes = File.ReadAllBytes(Model);
        var key = "tokenizer.ggml.eos_token_id"u8;
        bytes[bytes.AsSpan().IndexOf(key) + key.Length + sizeof(uint)] = 0;
        var patched = Path.Combine(_folder, "patched.gguf");
        File.WriteAllBytes(patched, bytes);
        var row = JsonNode.Parse(File.ReadLines(Golden).First())!;

        var run = ReboundProcess.Run("generate", "--model", patched, "--message", (string)row["messages"]![0]!["content"]!);

        Assert.Equal($"{(string)row["output"]!}\n", run.Succeeded());
        Assert.Contains("ended by the model", run.Error);
    }

    [Fact]
    public void A_stop_string_ends_the_text_before_it_and_json_says_so()
    {
        var run = ReboundProcess.Run(
            "generate", "--model", Model, "--prompt", "1, 2, 3, 4, 5, 6, 7,", "--stop", ", 10", "--stop", "zzz", "--json", "--quiet");

        var result = JsonNode.Parse(run.Succeeded())!;
        Assert.Equal(" 8, 9", (string?)result["output"]);
        Assert.Equal("stop_string", (string?)result["finish"]);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void The_same_seed_draws_the_same_text_from_standard_input_to_standard_output()
    {
        string[] options = ["generate", "--model", Model, "--input", "-", "--max-new-tokens", "8", "--temperature", "1.5", "--seed", "7"];
        const string rows = "{\"id\": 1, \"prompt\": \"Once\"}\n\n{\"id\": 2, \"prompt\": \"The sea\"}\n";

        var first = ReboundProcess.Run(options, environment: null, rows).Succeeded();
        var second = ReboundProcess.Run(options, environment: null, rows).Succeeded();

        Assert.Equal(first, second);
        Assert.Equal([1, 2], first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (int)JsonNode.Parse(line)!["id"]!));
    }

    [Theory]
    [InlineData("{\"prompt\": \"a\"}\n{\"text\": \"a\"}", "line 2", "either 'prompt' or 'messages'")]
    [InlineData("{\"prompt\": 3}", "line 1", "'prompt'")]
    [InlineData("{\"prompt\": \"a\"}\n\n{\"messages\": \"a\"}", "line 3", "'messages'")]
    [InlineData("{\"prompt\": \"a\"", "line 1", "not valid JSON")]
    [InlineData("[{\"prompt\": \"a\"}]", "line 1", "JSON object")]
    public void A_wrong_row_is_named_before_the_weights_are_read(string rows, string line, string problem)
    {
        var input = Write("rows.jsonl", rows);

        var error = ReboundProcess.Run(
            "generate", "--model", Model, "--input", input, "--output", Path.Combine(_folder, "out.jsonl")).Refused();

        Assert.Contains(line.Replace("line", "row", StringComparison.Ordinal), error);
        Assert.Contains(problem, error);
        Assert.DoesNotContain("Loaded", error);
        Assert.Equal([input], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("Give one of --prompt, --message and --input", "--prompt", "a", "--message", "b")]
    [InlineData("--message, --prompt or --input is required")]
    [InlineData("--system goes with --message", "--prompt", "a", "--system", "b")]
    [InlineData("--output and --batch-size go with --input", "--prompt", "a", "--output", "b")]
    [InlineData("top-p is 1.5", "--prompt", "a", "--top-p", "1.5")]
    [InlineData("--top-k is 'many', and must be a whole number", "--prompt", "a", "--top-k", "many")]
    [InlineData("must be at least 1", "--prompt", "a", "--max-new-tokens", "0")]
    [InlineData("--threads is 0", "--prompt", "a", "--threads", "0")]
    [InlineData("did you mean --temperature?", "--prompt", "a", "--temprature", "1")]
    public void Wrong_options_are_refused(string expected, params string[] options) =>
        Assert.Contains(expected, ReboundProcess.Run(["generate", "--model", "/no/such/model", .. options]).Refused());

    [Fact]
    public void A_model_without_a_tokenizer_cannot_read_a_prompt()
    {
        var model = SharedData.Path("golden/models/smollm2_tied");

        Assert.Contains("tokenizer", ReboundProcess.Run("generate", "--model", model, "--prompt", "a").Refused());
    }

    [Fact]
    public async Task Ctrl_C_ends_generation_with_exit_code_130_and_keeps_the_finished_rows()
    {
        Interrupts.SkipIfIgnored();
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill");
        var input = Write("rows.jsonl", [.. Enumerable.Repeat("{\"prompt\": \"a b c d e f g\"}", 2000)]);
        var output = Path.Combine(_folder, "out.jsonl");
        using var run = new RunningProcess(
            "generate", "--model", Model, "--input", input, "--output", output, "--batch-size", "1", "--max-new-tokens", "2");
        while (!File.Exists($"{output}.partial"))
        {
            Assert.False(run.HasEnded, "it ended before it began to write");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await run.InterruptAsync();
        await run.EndAsync();

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("Interrupted", run.Said);
        Assert.False(File.Exists(output));
    }

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
