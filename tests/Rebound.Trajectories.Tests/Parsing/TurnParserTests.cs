using System.Text;
using System.Text.Json;
using Rebound.Trajectories.Parsing;

namespace Rebound.Trajectories.Tests.Parsing;

/// <summary>Turns as models of the families write them, whole and piece by piece.</summary>
public sealed class TurnParserTests
{
    private const string Hermes = "{{ '<tool_call>' }}<think></think>";
    private static readonly JsonElement Tools = JsonElement.Parse("""
        [{"type": "function", "function": {"name": "do-it", "parameters": {"type": "object", "properties": {
          "text": {"type": "string"}, "whole": {"type": "integer"}, "part": {"type": "number"},
          "yes": {"type": "boolean"}, "list": {"type": "array"},
          "maybe": {"type": ["integer", "null"]}, "any": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}}]
        """);

    private const string Llama = "<|python_tag|>";
    private const string Mistral = "[TOOL_CALLS]";

    [Theory]
    [InlineData(Hermes, "It is 4.", "It is 4.")]
    [InlineData(Hermes, "<think>\nTwo and two.\n</think>\n\nIt is 4.", "(Two and two.)It is 4.")]
    [InlineData(Hermes, "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 2}}\n</tool_call>", "add{\"a\": 2}")]
    [InlineData(Hermes, "<think>\n\n</think>\n\nI add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {}}\n</tool_call>", "I add.add{}")]
    [InlineData(
        Hermes,
        "<tool_call>\n{\"name\": \"a\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"b\", \"arguments\": {\"x\": "
            + "[1]}}\n</tool_call>", "a{}b{\"x\": [1]}")]
    [InlineData(Hermes, "{\"name\": \"add\", \"arguments\": {\"a\": 2}}", "add{\"a\": 2}")]
    [InlineData(Hermes, "<think>I call <tool_call>{\"name\": \"add\"}</tool_call> then.</think>4",
        "(I call <tool_call>{\"name\": \"add\"}</tool_call> then.)4")]
    [InlineData(Hermes, "<tool_call>\n{\"name\": \"add\", \"arguments\": \"{\\\"a\\\": 2}\"}\n</tool_call>", "add{\"a\": 2}")]
    [InlineData(Hermes, "a < b and <tool> is none", "a < b and <tool> is none")]
    [InlineData(Llama, "<|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 2}}", "add{\"a\": 2}")]
    [InlineData(Llama, "{\"name\": \"add\", \"parameters\": {\"a\": 2}}; {\"name\": \"sub\", \"parameters\": {}}", "add{\"a\": 2}sub{}")]
    [InlineData(
        Llama, "<|python_tag|>brave_search.call(query=\"Ulm \\\"Minster\\\"\")", "brave_search{\"query\":\"Ulm \\u0022Minster\\u0022\"}")]
    [InlineData(Llama, "{\"type\": \"function\", \"name\": \"add\", \"parameters\": {\"a\": 2}}", "add{\"a\": 2}")]
    [InlineData(Mistral, "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 2}, \"id\": \"abcdefghi\"}]", "add{\"a\": 2}")]
    [InlineData(Mistral, "[TOOL_CALLS] [{\"name\": \"a\", \"arguments\": {}}, {\"name\": \"b\", \"arguments\": {}}]", "a{}b{}")]
    [InlineData(Mistral, "[TOOL_CALLS]add[ARGS]{\"a\": 2}[TOOL_CALLS]sub[CALL_ID]123456789[ARGS]{\"b\": 3}", "add{\"a\": 2}sub{\"b\": 3}")]
    [InlineData(Mistral, "[1] is a footnote.", "[1] is a footnote.")]
    [InlineData("", "```json\n{\"name\": \"add\", \"arguments\": {\"a\": 2}}\n```", "add{\"a\": 2}")]
    [InlineData("", "[{\"name\": \"a\", \"arguments\": {}}, {\"function\": {\"name\": \"b\", \"arguments\": \"{}\"}}]", "a{}b{}")]
    [InlineData("", "{\"answer\": 4}", "{\"answer\": 4}")]
    [InlineData("", "```python\nprint(4)\n```", "```python\nprint(4)\n```")]
    [InlineData("", "{\"tool_calls\": [{\"name\": \"a\", \"arguments\": null}]}", "a{}")]
    public void A_turn_is_parted_whole_and_in_pieces(string template, string turn, string expected)
    {
        Assert.Equal(expected, Parse(template, turn, turn.Length));
        for (var size = 1; size <= 5; size++)
        {
            Assert.Equal(expected, Parse(template, turn, size));
        }
    }

    [Theory]
    [InlineData(Hermes, "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 2\n</tool_call>", "add", "not valid JSON")]
    [InlineData(Hermes, "<tool_call>\n{\"name\": \"add\", \"argum", "add", "the turn ended within it")]
    [InlineData(Hermes, "<tool_call>\n{\"name\": \"add\", \"arguments\": [2]}\n</tool_call>", "add", "must be a JSON object")]
    [InlineData(Hermes, "<tool_call>\n{\"arguments\": {}}\n</tool_call>", "", "must have a name")]
    [InlineData(Hermes, "<tool_call>\nadd 2\n</tool_call>", "", "not valid JSON")]
    [InlineData(Hermes, "<tool_call></tool_call>", "", "not valid JSON")]
    [InlineData(Hermes, "<tool_call>\n<function=add>\n<parameter=a>\n2", "add", "the turn ended within it")]
    [InlineData(Hermes, "<tool_call>\n<function=add>{\"a\": }</function></tool_call>", "add", "not valid JSON")]
    [InlineData(Llama, "<|python_tag|>print(4)", "", "not valid JSON")]
    [InlineData(Mistral, "[TOOL_CALLS]add[ARGS]{\"a\": }", "add", "not valid JSON")]
    public void What_is_no_call_says_why(string template, string turn, string name, string problem)
    {
        var parser = new TurnParser(TurnSyntax.Of(template), readsCalls: true);
        var call = Assert.IsType<CallPart>(Assert.Single(parser.Append(turn).Concat(parser.Finish())));
        Assert.Equal(name, call.Name);
        Assert.Contains(problem, call.Problem);
    }

    [Theory]
    [InlineData("<parameter=text>\n5\n</parameter>", """{"text":"5"}""")]
    [InlineData("<parameter=text>\n a\n\n</parameter>\n", """{"text":" a\n"}""")]
    [InlineData("<parameter=text>if a:\n    return '</parameter>' \"é\" < 1</parameter>",
        """{"text":"if a:\n    return '</parameter>' \"é\" < 1"}""")]
    [InlineData("<parameter=whole>\n5\n</parameter>\n<parameter=part>\n-1e-05\n</parameter>", """{"whole":5,"part":-1e-05}""")]
    [InlineData("<parameter=yes>\nTrue\n</parameter>", """{"yes":true}""")]
    [InlineData("<parameter=maybe>\nNone\n</parameter>", """{"maybe":null}""")]
    [InlineData("<parameter=maybe>\n3\n</parameter>", """{"maybe":3}""")]
    [InlineData("<parameter=list>\n[1, \"b\"]\n</parameter>", """{"list":[1,"b"]}""")]
    [InlineData("<parameter=any>\nnull\n</parameter>", """{"any":null}""")]
    [InlineData("<parameter=any>\nnil\n</parameter>", """{"any":"nil"}""")]
    [InlineData("<parameter=whole>\nfive\n</parameter>", """{"whole":"five"}""")]
    [InlineData("<parameter=unknown>\n5\n</parameter>", """{"unknown":"5"}""")]
    [InlineData("<parameter=unknown>\n{\"a\": 5}\n</parameter>", """{"unknown":{"a":5}}""")]
    [InlineData("", "{}")]
    [InlineData("{\"whole\": 5}", """{"whole": 5}""")]
    public void Values_in_tags_are_of_the_types_that_the_tools_schema_gives_them(string inside, string arguments)
    {
        var turn =
            $"I do.\n<tool_call>\n<function=do-it>\n{inside}</function>\n</tool_call>\n<tool_call><function=b></function></tool_call>";
        for (var size = 1; size <= 7; size += 3)
        {
            var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: true, tools: Tools);
            Assert.Equal(
                $"I do.do-it{arguments}b{{}}",
                Said(turn.Chunk(size).SelectMany(piece => parser.Append(new string(piece))).ToList().Concat(parser.Finish())));
        }
    }

    [Theory]
    [InlineData("I do.\n<function=a>\n<parameter=x>\n5\n</parameter>\n</function>\n</tool_call>", "I do.a{\"x\":\"5\"}")]
    [InlineData("<function=a></function>\n<function=b></function>", "a{}b{}")]
    [InlineData("<function=a></function></tool_call>\n<tool_call>\n<function=b></function></tool_call>", "a{}b{}")]
    public void Calls_in_tags_need_no_opening_mark_where_the_template_has_such_calls(string turn, string said)
    {
        Assert.Equal(said, Read($"{Hermes}<function=", turn, readsCalls: true));
        Assert.Equal(turn, Read($"{Hermes}<function=", turn, readsCalls: false));
        Assert.Equal("<function=a></function>", Read(Hermes, "<function=a></function>", readsCalls: true));

        static string Read(string template, string turn, bool readsCalls)
        {
            var parser = new TurnParser(TurnSyntax.Of(template), readsCalls);
            return Said(turn.Chunk(3).SelectMany(piece => parser.Append(new string(piece))).ToList().Concat(parser.Finish()));
        }
    }

    [Fact]
    public void Deep_calls_are_refused_in_words()
    {
        var turn = $"<tool_call>{{\"name\": \"a\", \"arguments\": {string.Concat(Enumerable.Repeat("{\"x\":", 50_000))}";
        var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: true);
        var call = Assert.IsType<CallPart>(Assert.Single(parser.Append(turn + "</tool_call>").Concat(parser.Finish())));
        Assert.Contains("200", call.Problem);
    }

    [Fact]
    public void Calls_are_read_in_proportion_to_their_length()
    {
        string[] pieces =
        [
            "<function=", "<function=a><parameter=", "<function=a>", "<function=a></function> ", "</parameter>\n", "a ", "a[CALL_ID] ", " ",
            "f.call(", "k=\"\" , ", "\"\\", "```\n", "\"name\": ", "\n",
        ];
        foreach (var (first, piece) in pieces.SelectMany(first => pieces.Select(piece => (first, piece))))
        {
            var text = first + string.Concat(Enumerable.Repeat(piece, 20_000)) + "!";
            Assert.NotEmpty(Calls($"<tool_call>{text}</tool_call>"));
            Assert.Empty(Calls(text));
        }
    }

    [Theory]
    [InlineData("f.call(a=\"1\"  ,  b = \"2\" c=\"\\\\\")", "f{\"a\":\"1\",\"b\":\"2\",\"c\":\"\\\\\\\\\"}")]
    [InlineData(" f.call( )\n", "f{}")]
    [InlineData("add  \n {\"a\": 2}\n", "add{\"a\": 2}")]
    [InlineData("add [CALL_ID] 12 {\"a\": 2}", "add{\"a\": 2}")]
    [InlineData("<function=a>1</function>\n<function=b>{\"x\": 1}</function>  ", "a{}b{\"x\": 1}")]
    public void Forms_of_calls_with_blanks_are_read(string text, string expected)
    {
        var calls = Calls($"<tool_call>{text}</tool_call>");

        Assert.Equal(expected, string.Concat(calls.Select(call => call.Name + call.Arguments)));
        Assert.All(calls, call => Assert.Null(call.Problem));
    }

    [Fact]
    public void Without_tools_on_offer_nothing_is_a_call()
    {
        const string Turn = "{\"name\": \"add\", \"arguments\": {}}";
        var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: false);
        Assert.Equal(Turn, Said(parser.Append(Turn).Concat(parser.Finish())));
    }

    [Fact]
    public void Reasoning_that_the_prompt_opened_ends_at_its_mark()
    {
        var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: true, startsInReasoning: true);
        Assert.Equal(
            "(Two and two.)4", Said(parser.Append("Two and two.\n</thi").Concat(parser.Append("nk>\n\n4")).Concat(parser.Finish())));
    }

    [Theory]
    [InlineData("Two and two.\n</think>\n\nIt is 4.", "Two and two.", "It is 4.")]
    [InlineData(
        "I could <tool_call>{\"name\": \"add\"}</tool_call> it.</think><tool_call>{\"name\": \"sub\"}</tool_call>", "I could it.", "sub{}")]
    [InlineData("{\"a\": 1} it is, or so.</think>{\"name\": \"add\", \"arguments\": {}}", "{\"a\": 1} it is, or so.", "add{}")]
    [InlineData("</think>\n\n4", "", "4")]
    public void What_stands_before_an_end_of_reasoning_that_nothing_opened_is_reasoning(string turn, string reasoning, string said)
    {
        for (var size = 1; size <= turn.Length; size++)
        {
            var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: true);
            var parts = turn.Chunk(size).SelectMany(piece => parser.Append(new string(piece))).ToList().Concat(parser.Finish()).ToList();
            var behind = parts.FindIndex(part => part is ReasoningEndPart) + 1;
            Assert.Equal(
                reasoning,
                string.Concat(
                    parts.Take(behind).OfType<TextPart>().Select(part =>
                        part.Text).Concat(parts.OfType<ReasoningPart>().Select(part => part.Text))));
            Assert.Equal(said, Said(parts.Skip(behind).Where(part => part is not ReasoningPart)));
        }
    }

    [Fact]
    public void An_end_of_reasoning_within_a_calls_argument_is_the_arguments()
    {
        const string Turn = "{\"name\": \"write\", \"arguments\": {\"text\": \"</think>\"}}";
        Assert.Equal("write{\"text\": \"</think>\"}", Parse(Hermes, Turn, 3));
    }

    [Fact]
    public void Text_comes_out_before_the_turn_ends()
    {
        var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: true);
        Assert.Equal("It is", Said(parser.Append("It is ")));
        Assert.Equal(" 4", Said(parser.Append("4<to")));
        Assert.Equal("<tomato", Said(parser.Append("mato")));
    }

    private static CallPart[] Calls(string turn)
    {
        var parser = new TurnParser(TurnSyntax.Of(Hermes), readsCalls: true);
        return [.. parser.Append(turn).Concat(parser.Finish()).OfType<CallPart>()];
    }

    private static string Parse(string template, string turn, int size)
    {
        var parser = new TurnParser(TurnSyntax.Of(template), readsCalls: true);
        return Said(turn.Chunk(size).SelectMany(piece => parser.Append(new string(piece))).ToList().Concat(parser.Finish()));
    }

    private static string Said(IEnumerable<GeneratedPart> parts)
    {
        var (text, isReasoning) = (new StringBuilder(), false);
        foreach (var part in parts)
        {
            text.Append(isReasoning == part is ReasoningPart ? "" : isReasoning ? ")" : "(");
            isReasoning = part is ReasoningPart;
            text.Append(part switch
            {
                TextPart said => said.Text,
                ReasoningPart thought => thought.Text,
                CallPart { Problem: null } call => $"{call.Name}{call.Arguments}",
                var other => other.ToString(),
            });
        }

        return text.Append(isReasoning ? ")" : "").ToString();
    }
}
