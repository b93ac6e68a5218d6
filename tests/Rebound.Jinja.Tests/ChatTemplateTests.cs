using System.Text.Json.Nodes;

namespace Rebound.Jinja.Tests;

public sealed class ChatTemplateTests
{
    private static readonly JsonArray Messages = [new JsonObject { ["role"] = "user", ["content"] = "Hi" }];

    [Fact]
    public void A_file_that_is_no_text_is_named()
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, [0x7B, 0xFF]);
        Assert.Equal($"{path} is no UTF-8 text", Assert.Throws<ChatTemplateException>(() => ChatTemplateText.Load(path)).Description);
        File.WriteAllText(path, "{{ 1 }}é");
        Assert.Equal("{{ 1 }}é", ChatTemplateText.Load(path));
        File.Delete(path);
    }

    [Fact]
    public void Given_tools_the_template_for_tools_is_rendered_and_only_then_read()
    {
        var template = ChatTemplate.Parse(new ChatTemplateText("D{{ tools }}", "T{{ tools | length }}"));
        Assert.Equal("DNone", template.Render(Messages, null, false, "", ""));
        Assert.Equal("T0", template.Render(Messages, [], false, "", ""));
        var broken = ChatTemplate.Parse(new ChatTemplateText("D", "{% if %}"));
        Assert.Equal("D", broken.Render(Messages, null, false, "", ""));
        Assert.Equal(
            ChatTemplateFault.Syntax, Assert.Throws<ChatTemplateException>(() => broken.Render(Messages, [], false, "", "")).Fault);
    }

    [Fact]
    public void Variables_go_before_what_every_template_has()
    {
        var template = ChatTemplate.Parse("{{ bos_token }}{{ eos_token }}{{ enable_thinking }}{{ range }}{{ unknown }}");
        var variables = new JsonObject { ["bos_token"] = "B", ["enable_thinking"] = false, ["range"] = 1.0 };
        Assert.Equal("B</s>False1.0", template.Render(Messages, null, addGenerationPrompt: false, "<s>", "</s>", variables));
    }

    [Fact]
    public void Numbers_keep_what_they_are_in_JSON()
    {
        var variables = JsonNode.Parse("""{"v": [1, 1.0, 1e2, -0, 12345678901234567890, 0.1, true, null, "x"]}""")!.AsObject();
        var rendered = ChatTemplate.Parse("{{ v }} {{ v | tojson }}").Render(Messages, null, false, "", "", variables);
        const string printed = "[1, 1.0, 100.0, 0, 12345678901234567890, 0.1, True, None, 'x']";
        Assert.Equal($"{printed} [1, 1.0, 100.0, 0, 12345678901234567890, 0.1, true, null, \"x\"]", rendered);
    }

    [Fact]
    public void Values_made_in_code_render_as_parsed_ones_do()
    {
        var variables = new JsonObject { ["v"] = new JsonArray(1, 2L, 1.5, 3.0, true, "x", null) };
        Assert.Equal("[1, 2, 1.5, 3.0, True, 'x', None]", ChatTemplate.Parse("{{ v }}").Render(Messages, null, false, "", "", variables));
    }

    [Fact]
    public void One_template_renders_the_same_from_many_threads()
    {
        var template = ChatTemplate.Parse(
            "{% set ns = namespace(n=0) %}{% for i in range(200) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}");
        var rendered = Enumerable.Range(0, 200).AsParallel().Select(_ => template.Render(Messages, null, false, "", "")).Distinct();
        Assert.Equal(["19900"], rendered);
    }

    [Fact]
    public void Rendering_leaves_the_messages_as_they_are()
    {
        var before = Messages.ToJsonString();
        ChatTemplate.Parse("{% set messages = messages + [1] %}{{ messages }}").Render(Messages, null, false, "", "");
        Assert.Equal(before, Messages.ToJsonString());
    }

    [Fact]
    public void Time_is_that_of_the_clock_given()
    {
        var template = ChatTemplate.Parse("{{ strftime_now('%d %b %Y, %H:%M') }}", clock: new NewYear());
        Assert.Equal("01 Jan 2031, 02:00", template.Render(Messages, null, false, "", ""));
    }

    private sealed class NewYear : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } =
            TimeZoneInfo.CreateCustomTimeZone("two hours ahead", TimeSpan.FromHours(2), null, null);

        public override DateTimeOffset GetUtcNow() => new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
