using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class TemplateTests : IDisposable
{
    private const string Template = "{% for m in messages %}\n[{{ m.role }}]{{ m.content }}{{ eos_token }}\n{% endfor %}\n"
        + "{{ bos_token }}{{ tools | tojson }}{% if add_generation_prompt %}[assistant]{{ mood }}{% endif %}";

    private const string Messages = """[{"role": "user", "content": "Hi é"}]""";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-template-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_conversation_is_printed_exactly_as_rendered()
    {
        var (template, messages, tools) = (Write("chat.jinja", Template), Write("messages.json", Messages),
            Write("tools.json", """[{"name": "f"}]"""));

        var run = ReboundProcess.Run(
            "template", "--template", template, "--messages", messages, "--tools", tools, "--add-generation-prompt",
            "--bos-token", "<s>", "--eos-token", "</s>", "--variables", """{"mood": "calm"}""");

        Assert.Equal("[user]Hi é</s>\n<s>[{\"name\": \"f\"}][assistant]calm", run.Succeeded());
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Messages_may_come_from_standard_input()
    {
        var template = Write("chat.jinja", "{{ messages | length }}");

        Assert.Equal(
            "1", ReboundProcess.Run(["template", "--template", template, "--messages", "-"], environment: null, Messages).Succeeded());
    }

    [Fact]
    public void Template_and_tokens_come_from_a_model_folder_with_or_without_weights()
    {
        Write("tokenizer_config.json", new JsonObject
        {
            ["chat_template"] = "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}",
            ["bos_token"] = new JsonObject { ["content"] = "<b>" },
            ["eos_token"] = "<e>",
        }.ToJsonString());
        var messages = Write("messages.json", Messages);

        Assert.Equal("<b>Hi é<e>", ReboundProcess.Run("template", "--model", _folder, "--messages", messages).Succeeded());
        Assert.Equal(
            "<b>Hi é.", ReboundProcess.Run("template", "--model", _folder, "--messages", messages, "--eos-token", ".").Succeeded());
    }

    [Fact]
    public void Given_tools_a_model_renders_its_template_for_tools()
    {
        var folder = SharedData.Path("cases/models/template_tool_use");
        Write("tokenizer_config.json", File.ReadAllText(Path.Combine(folder, "list_in_tokenizer_config.json")));
        string[] arguments = ["template", "--model", _folder, "--messages", Path.Combine(folder, "m.json")];

        Assert.StartsWith("user: hi", ReboundProcess.Run(arguments).Succeeded());
        Assert.StartsWith("TOOLS [{", ReboundProcess.Run([.. arguments, "--tools", Path.Combine(folder, "t.json")]).Succeeded());
    }

    [Fact]
    public void A_gguf_file_and_its_folder_have_the_same_template()
    {
        var folder = SharedData.Path("models/smollm2-135m-instruct");
        var messages = Write("messages.json", Messages);

        var fromFolder = ReboundProcess.Run("template", "--model", folder, "--messages", messages).Succeeded();
        var fromFile = ReboundProcess.Run(
            "template", "--model", Directory.GetFiles(folder, "*.gguf")[0], "--messages", messages).Succeeded();

        Assert.Contains("<|im_start|>user\nHi é<|im_end|>", fromFolder);
        Assert.Equal(fromFolder, fromFile);
    }

    [Fact]
    public void Rows_come_out_as_the_oracle_has_them()
    {
        var golden = SharedData.Path("golden/chat_templates.jsonl");
        var expected = File.ReadAllLines(golden).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        var questions = Write("rows.jsonl", expected.Select(row =>
        {
            var question = row.DeepClone().AsObject();
            question.Remove("rendered");
            question.Remove("error");
            return question.ToJsonString();
        }));
        var output = Path.Combine(_folder, "rendered.jsonl");

        Assert.Empty(ReboundProcess.Run("template", "--input", questions, "--output", output).Succeeded());

        var actual = File.ReadAllLines(output).Select(line => JsonNode.Parse(line)).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(
            expected.Zip(actual),
            pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second), $"{pair.Second}\nis not\n{pair.First}"));
    }

    [Fact]
    public void Rows_take_what_they_lack_from_the_options_and_errors_are_theirs()
    {
        var template = Write("chat.jinja", "{{ messages[0].content + eos_token }}{% if add_generation_prompt %}!{% endif %}");
        var rows = Write("rows.jsonl", [
            """{"messages": [{"content": "a"}]}""",
            """{"messages": [{"content": "b"}], "eos_token": "#", "add_generation_prompt": false, "id": 7}""",
            """{"messages": [{}]}""",
            """{"messages": [], "template": "{{ raise_exception('never') }}"}""",
            """{"messages": [], "template": "{% if %}"}""",
            """{"messages": [], "template": "{{ x }}", "variables": {"x": 1.0}}""",
        ]);

        var output = ReboundProcess.Run(
            "template", "--template", template, "--eos-token", ".", "--add-generation-prompt", "--input", rows).Succeeded();

        var written = output.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        Assert.Equal(["a.!", "b#", null, null, null, "1.0"], written.Select(row => (string?)row["rendered"]));
        Assert.Equal(
            [null, null, "'dict object' has no attribute 'content'", "never"], written.Take(4).Select(row => (string?)row["error"]));
        Assert.NotNull(written[4]["error"]);
        Assert.Equal(7, (int)written[1]["id"]!);
        Assert.All(written, row => Assert.True(row.ContainsKey("rendered") && row.ContainsKey("error")));
    }

    [Theory]
    [InlineData("""{"messages": 5, "template": ""}""", "row 2: 'messages': must be a list")]
    [InlineData("""{"template": ""}""", "row 2: 'messages': is missing")]
    [InlineData("""{"messages": []}""", "row 2: 'template': is missing, and neither --template nor --model was given")]
    [InlineData("""{"messages": [], "template": "", "tools": {}}""", "row 2: 'tools': must be a list")]
    [InlineData(
        """{"messages": [], "template": "", "add_generation_prompt": 1}""", "row 2: 'add_generation_prompt': must be true or false")]
    [InlineData("""{"messages": [], "template": ""}}""", "row 2: is not valid JSON")]
    [InlineData("""{"messages": [], "messages": []}""", "row 2: is not valid JSON: the name 'messages' is there twice.")]
    public void A_malformed_row_is_named_with_its_line(string row, string expected)
    {
        var rows = Write("rows.jsonl", ["""{"messages": [], "template": "x"}""", row]);
        var output = Path.Combine(_folder, "out.jsonl");

        var error = ReboundProcess.Run("template", "--input", rows, "--output", output, "--quiet").Refused();

        Assert.Contains($"{rows}: {expected}", error);
        Assert.False(File.Exists(output));
    }

    [Theory]
    [InlineData("{{ raise_exception('Roles must alternate') }}", "The chat template refuses these messages: Roles must alternate")]
    [InlineData("\n{{ nobody.name }}", "line 2: 'nobody' is undefined")]
    [InlineData("{% for %}", "line 1: expected")]
    public void What_a_template_refuses_is_a_sentence(string template, string expected)
    {
        var (file, messages) = (Write("chat.jinja", template), Write("messages.json", Messages));

        Assert.Contains(expected, ReboundProcess.Run("template", "--template", file, "--messages", messages).Refused());
    }

    [Fact]
    public void Wrong_combinations_and_files_are_refused()
    {
        var messages = Write("messages.json", "{\n\"a\":\n}");
        var template = Write("chat.jinja", "");

        Assert.Contains("--messages or --input is required", ReboundProcess.Run("template", "--template", template).Refused());
        Assert.Contains("--template or --model is required", ReboundProcess.Run("template", "--messages", messages).Refused());
        Assert.Contains(
            "messages.json is not valid JSON, line 3: ",
            ReboundProcess.Run("template", "--template", template, "--messages", messages).Refused());
        Assert.Contains(
            "no-such.json does not exist", ReboundProcess.Run("template", "--template", template, "--messages", "no-such.json").Refused());
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private string Write(string name, IEnumerable<string> rows) => Write(name, string.Join('\n', rows) + "\n");
}
