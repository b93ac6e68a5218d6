using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Parsing;
using Rebound.Trajectories.Rendering;

namespace Rebound.Inference.Tests;

/// <summary>
/// Native calls of tools, from asking to training and back: a model is asked with the tokens that its episodes train it on, and what it
/// learns to write is read as what was said.
/// </summary>
public sealed class NativeTokensTests
{
    /// <summary>Tools, calls and results as Llama 3.1 and later write them; special tokens mark calls.</summary>
    private const string Llama =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n"
        + "{% if loop.first and tools %}Tools: {{ tools | tojson }}\n{% endif %}"
        + "{% if message.tool_calls %}<|python_tag|>{% for call in message.tool_calls %}"
        + "{\"name\": \"{{ call.function.name }}\", \"parameters\": {{ call.function.arguments | tojson }}}{% if not loop.last %}; {% "
        + "endif %}{% endfor %}"
        + "{% else %}{{ message.content }}{% endif %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    /// <summary>As Mistral's models write them.</summary>
    private const string Mistral =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n"
        + "{% if loop.first and tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}"
        + "{% if message.role == 'tool' and message.tool_call_id | length != 9 %}{{ raise_exception('ids have nine characters') "
        + "}}{% endif %}"
        + "{{ message.content }}{% if message.tool_calls %}[TOOL_CALLS][{% for call in message.tool_calls %}"
        + "{\"name\": \"{{ call.function.name }}\", \"arguments\": {{ call.function.arguments | tojson }}, \"id\": \"{{ call.id }}\"}{% if "
        + "not loop.last %}, {% endif %}"
        + "{% endfor %}]{% endif %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    /// <summary>As Qwen3-Coder writes them: values without types.</summary>
    private const string Coder =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n"
        + "{% if loop.first and tools %}Tools: {{ tools | tojson }}\n{% endif %}{{ message.content }}"
        + "{% for call in message.tool_calls %}\n<tool_call>\n<function={{ call.function.name }}>\n"
        + "{% for name, value in call.function.arguments | items %}<parameter={{ name }}>\n"
        + "{{ value if value is string else value | tojson if value is mapping or value is sequence else value | string "
        + "}}\n</parameter>\n{% endfor %}"
        + "</function>\n</tool_call>{% endfor %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly TaskQuestion Question = new(JsonValue.Create(5), "How much is paid?", JsonValue.Create("4"));

    private static readonly ToolSet Tools = new(
        new CalculateTool(),
        AIFunctionFactory.Create((string city, int? days) => $"{days ?? 1} of sun in {city}", "get_weather", "Weather of a city"));

    public static TheoryData<string> Families => ["qwen3", "qwen3 with reasoning", "qwen3 without reasoning", "llama", "mistral", "coder"];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task A_model_is_asked_with_the_tokens_that_its_episodes_train_it_on(string family)
    {
        var (renderer, _) = Renderer(family);
        var asked = new ChatProfile(null, renderer, []);
        var prompt = BuiltInPrompts.Get("math-native").OpenedBy("You are careful.");
        for (var seed = 0; seed < 40; seed++)
        {
            var model = new RandomAgent(asked, seed, reasons: Reasons(family), talks: family != "llama");
            var runner = new EpisodeRunner(
                model, Tools, new MathScorer(), new EpisodeOptions { ToolFormat = ToolFormat.Native }, TimeProvider.System);
            var episode = await runner.RunAsync(
                Question, prompt.Ask(Question.Question, prompt.Positive), TestContext.Current.CancellationToken);
            var trajectory = episode.ToTrajectory() with { Outcome = episode.ToTrajectory().Outcome with { Reward = 1 } };

            var documents = renderer.Render(prompt.Compose(trajectory, Question.Question, "episodes.jsonl"));
            Assert.NotEmpty(model.Feeds);
            Assert.All(model.Feeds, feed => Assert.Contains(documents, document => Asks(document, feed)));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_a_model_learns_to_write_is_read_as_what_was_said(string family)
    {
        var (renderer, tokenizer) = Renderer(family);
        var syntax = TurnSyntax.Of(Source(family).Default);
        var tools = ToolOffer.Of(Tools, null).Schemas;
        var question = new Turn(Roles.User, "How much?", Loss: false);
        for (var seed = 0; seed < 60; seed++)
        {
            var contents = RandomAgent.Contents(new Random(seed), reasons: Reasons(family), talks: family != "llama", steps: 1);
            var said = Reply(contents);
            var document = renderer.Render(new Conversation("1", "none", [question, said]) { Tools = tools })[^1];
            int[] learned = [.. document.Labels.Where(label => label != TokenizedDocument.IgnoreLabel)];
            var text = tokenizer.Decode(learned.AsSpan(0, learned.Length - 1));

            var reader = new AnswerReader(syntax, tools, startsInReasoning: false, callsBefore: 0);
            var read = new List<AIContent>();
            foreach (var piece in text.Chunk(3))
            {
                read.AddRange(reader.Read(new GenerationEvent(0, 0, new string(piece), null)));
            }

            read.AddRange(reader.Read(new GenerationEvent(0, 0, "", FinishReason.StopToken)));
            Assert.Equal(Plain(said), Plain(Reply(AnswerReader.Joined(read))));
        }
    }

    private static Turn Reply(IEnumerable<AIContent> contents)
    {
        var turn = ChatMessages.Said(Roles.Assistant, contents, loss: true);
        return turn with { ToolCalls = [.. turn.ToolCalls.Select((call, i) => ToolCalls.Named(call, i + 1))] };
    }

    /// <summary>A turn whose arguments are written one way, since JSON has many.</summary>
    private static string Plain(Turn turn) =>
        $"{turn.Content.Trim()}|"
        + string.Concat(turn.ToolCalls.Select(call => $"{call.Id} {call.Name} {JsonNode.Parse(call.Arguments)!.ToJsonString()};"))
        + string.Concat(turn.Members.Select(member => $"|{member.Key} {member.Value}"));

    private static bool Asks(TokenizedDocument document, int[] feed) =>
        document.Tokens.Length > feed.Length
        && document.Tokens.Take(feed.Length).SequenceEqual(feed)
        && document.Labels[feed.Length] != TokenizedDocument.IgnoreLabel
        && document.Labels[feed.Length - 1] == TokenizedDocument.IgnoreLabel;

    private static bool Reasons(string family) => family is "qwen3" or "qwen3 with reasoning";

    private static ChatTemplateText Source(string family) => new(family switch
    {
        ['q', ..] => (string)JsonNode.Parse(File.ReadAllText(SharedData.Path("tokenizers/qwen3/tokenizer_config.json")))!["chat_template"]!,
        "llama" => Llama,
        "mistral" => Mistral,
        _ => Coder,
    });

    private static (ConversationRenderer Renderer, Tokenizer Tokenizer) Renderer(string family)
    {
        var json = ByteTokenizer.Json();
        foreach (var mark in new[] { "<|python_tag|>", "[TOOL_CALLS]" })
        {
            json["added_tokens"]!.AsArray()
                .Add(ByteTokenizer.Special(ByteTokenizer.VocabularySize + json["added_tokens"]!.AsArray().Count - 2, mark));
        }

        var tokenizer = family.StartsWith("qwen3", StringComparison.Ordinal)
            ? Tokenizer.Load(SharedData.Path("tokenizers/qwen3/tokenizer.json"))
            : Tokenizer.Parse(json);
        bool? reasoning = family.Contains(' ') ? Reasons(family) : null;
        return (Renderers.Create(
            ChatTemplateRenderer.RendererName, tokenizer, Source(family), ByteTokenizer.TurnStart, ByteTokenizer.TurnEnd, reasoning),
            tokenizer);
    }

    /// <summary>Says, reasons and calls at random, and keeps the tokens that it was asked with.</summary>
    private sealed class RandomAgent(ChatProfile asked, int seed, bool reasons, bool talks) : IChatClient
    {
        private readonly Random _random = new(seed);

        public List<int[]> Feeds { get; } = [];

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Feeds.Add(asked.Encode([.. messages.SelectMany(ChatMessages.ToTurns)], ToolSchemas.Of(options!.Tools!)));
            return Task.FromResult(
                new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. Contents(_random, reasons, talks, Feeds.Count)])));
        }

        public static List<AIContent> Contents(Random random, bool reasons, bool talks, int steps)
        {
            var contents = new List<AIContent>();
            if (reasons && random.Next(2) == 0)
            {
                contents.Add(new TextReasoningContent("Two <tool_call> and\ntwo [1] \"so\"."));
            }

            var calls = random.Next(4);
            if (calls == 0 || (talks && random.Next(2) == 0))
            {
                contents.Add(new TextContent(random.Next(2) == 0 ? "I look it up: {\"a\": 1} < 2." : "Äh, 4 €"));
            }

            for (var call = 0; call < calls; call++)
            {
                contents.Add(random.Next(steps > 4 ? 2 : 5) switch
                {
                    0 => Call("finish", """{"answer": "4 \"eggs\""}"""),
                    1 => Call("calculate", """{"expression": "6 - 2"}"""),
                    2 => Call("calculate", """{"formula": [1, {"x": null}]}"""),
                    3 => Call("get_weather", """{"city": "Köln\n</s>", "days": 3}"""),
                    _ => Call("no_such-tool", "{}"),
                });
            }

            return contents;
        }

        private static FunctionCallContent Call(string name, string arguments) => ToolCalls.ToContent(new ToolCall("", name, arguments));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
                throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
