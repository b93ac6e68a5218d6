using System.Text.Json.Nodes;

namespace Rebound.Jinja.Tests;

public sealed class ChatTemplateFaultTests
{
    [Theory]
    [InlineData("a\n{% if x %}", 2, "Unexpected end of template")]
    [InlineData("{{ 1 }}\n\n{{ 'a' | shout }}", 3, "No filter named 'shout'")]
    [InlineData("{{ 1 is shiny }}", 1, "No test named 'shiny'")]
    [InlineData("{# c\n #}\n{% teleport %}", 3, "unknown tag 'teleport'")]
    [InlineData("{% include 'other' %}", 1, "'include' is not supported")]
    [InlineData("{{ 'open }}", 1, "never closed")]
    [InlineData("{{ (1 }}", 1, "unexpected '}'")]
    [InlineData("{{ a ? b }}", 1, "unexpected char '?'")]
    [InlineData("{% set none = 1 %}", 1, "can't assign to 'none'")]
    [InlineData("{% break %}", 1, "'break' outside loop")]
    [InlineData("{% raw %}", 1, "Missing end of raw directive")]
    public void A_faulty_source_is_refused_with_its_line(string source, int line, string description)
    {
        var exception = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source));
        Assert.Equal(ChatTemplateFault.Syntax, exception.Fault);
        Assert.Equal(line, exception.Line);
        Assert.Contains(description, exception.Description, StringComparison.Ordinal);
        Assert.Contains($"line {line}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ 1 }}\n{{ nobody.name }}", 2, "'nobody' is undefined")]
    [InlineData("{{ messages[0].x.y }}", 1, "'dict object' has no attribute 'x'")]
    [InlineData("{{ none.strip() }}", 1, "'None' has no attribute 'strip'")]
    [InlineData("\n\n{{ 'a' + 1 }}", 3, "can only concatenate str (not \"int\") to str")]
    [InlineData("{% if true %}\n{{ summon() }}{% endif %}", 2, "'summon' is undefined")]
    [InlineData("{% macro m() %}x{% endmacro %}\n{{ m() }}{{ m() + 1 }}", 2, "can only concatenate")]
    [InlineData("{% if false %}\n{% elif 1 < 'a' %}{% endif %}", 2, "'<' not supported")]
    [InlineData("{% if true %}{{ 1 | shout }}{% endif %}", 1, "No filter named 'shout'")]
    [InlineData("{% set _ = messages.append(1) %}", 1, "access to attribute 'append' of 'list' object is unsafe")]
    [InlineData("{{ ''.__class__.__mro__ }}", 1, "access to attribute '__class__' of 'str' object is unsafe")]
    public void A_failing_expression_is_reported_with_its_line(string source, int line, string description)
    {
        var exception = Assert.Throws<ChatTemplateException>(() => Render(source));
        Assert.Equal(ChatTemplateFault.Evaluation, exception.Fault);
        Assert.Equal(line, exception.Line);
        Assert.Contains(description, exception.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_template_raises_is_its_own_words()
    {
        var exception = Assert.Throws<ChatTemplateException>(() => Render("\n{{ raise_exception('Roles must ' ~ 'alternate') }}"));
        Assert.Equal(ChatTemplateFault.Raised, exception.Fault);
        Assert.Equal("Roles must alternate", exception.Message);
        Assert.Equal(2, exception.Line);
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(t='0123456789') %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}", "limit")]
    [InlineData("{% set ns = namespace(t='0123456789') %}{% for i in range(60) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}", "limit")]
    [InlineData("{% set ns = namespace(t=[0]) %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}", "limit")]
    [InlineData("{{ 'a' * 1000000000 }}", "longer than the limit")]
    [InlineData("{{ [0] * 1000000000 }}", "more than the limit")]
    [InlineData("{{ 'a'.center(1000000000) }}", "longer than the limit")]
    [InlineData("{{ '%1000000000d' % 1 }}", "longer than the limit")]
    [InlineData("{{ '{:1000000000}'.format(1) }}", "limit")]
    [InlineData("{{ 'a' | indent(1000000000, true) }}", "longer than the limit")]
    [InlineData("{{ ('a' * 100000).replace('a', 'b' * 100000) }}", "longer than the limit")]
    [InlineData("{{ (['a' * 1000] * 100000) | join }}", "limit")]
    [InlineData("{{ 10 ** 100000 }}", "limit")]
    [InlineData("{{ range(1000000) }}", "Range too big")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deep")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "deep")]
    [InlineData(
        "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "recursion depth")]
    [InlineData("{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}", "limit")]
    [InlineData("{{ [1] | slice(10 ** 9) | list | length }}", "more than the limit")]
    [InlineData("{{ [1] | slice(1000000) | list | length }}", "limit")]
    [InlineData("{{ [1] | batch(10 ** 9, 0) | list }}", "more than the limit")]
    [InlineData("{{ (['a' * 3000000] * 100) | tojson }}", "longer than the limit")]
    [InlineData("{{ range(1000) | list | tojson(separators=('a' * 1000000, ':')) }}", "longer than the limit")]
    [InlineData("{{ ['a' * 3000000] * 100 }}", "longer than the limit")]
    [InlineData("{{ [['a' * 3000000] * 100] | join }}", "longer than the limit")]
    [InlineData("{% set a = 'a' * 3000000 %}{{ '%s%s%s' % (a, a, a) }}", "longer than the limit")]
    [InlineData("{% set a = 'a' * 3000000 %}{{ '{0}{0}{0}'.format(a) }}", "longer than the limit")]
    [InlineData("{% set a = ('&' * 1000000) | e %}", "longer than the limit")]
    [InlineData("{{ (('<' * 2000000) | urlencode) | length }}", "longer than the limit")]
    [InlineData("{{ (',' * 3000000).split(',') | length }}", "more than the limit")]
    [InlineData("{{ ('a ' * 1500000).split() | length }}", "limit")]
    [InlineData("{{ ('a\n' * 1500000).splitlines() | length }}", "limit")]
    [InlineData("{% for c in 'a' * 3000000 %}{% endfor %}", "limit")]
    [InlineData(
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", "limit")]
    [InlineData(
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}", "limit")]
    [InlineData(
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor "
            + "%}{{ ns.x == ns.y }}", "steps")]
    [InlineData(
        "{% set ns = namespace(x=(1, 2)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}", "steps")]
    [InlineData(
        "{% set a = 'a' * 2000000 %}{% set b = 'a' * 2000000 %}{% for i in range(100000) %}{% if a == b %}{% endif %}{% endfor %}",
        "steps")]
    [InlineData("{{ ('a' * 4000000).find('a' * 2000000 ~ 'b') }}", "steps")]
    [InlineData("{{ ('a' * 2000000 ~ 'b') in ('a' * 4000000) }}", "steps")]
    [InlineData("{{ ('a' * 4000000) | replace('a' * 2000000 ~ 'b', '') }}", "steps")]
    [InlineData("{% set a = 2 ** 60000 %}{% for i in range(100000) %}{% set b = a * a // a %}{% endfor %}", "limit")]
    [InlineData("{{ ('9' * 100000) | int }}", "digits")]
    [InlineData("{{ range(0, 429496729700000, 4294967297) | unique | list | length }}", "steps")]
    public void A_template_that_would_not_end_or_fit_is_stopped(string source, string limit)
    {
        var limits = new ChatTemplateLimits { Steps = 2_000_000, TextLength = 4_000_000 };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.Throws<ChatTemplateException>(() => Render(source, limits));
        Assert.Equal(ChatTemplateFault.Limit, exception.Fault);
        Assert.Contains(limit, exception.Description, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000_000);
    }

    [Fact]
    public void A_long_conversation_is_far_from_every_limit()
    {
        var source = """
            {%- for m in messages %}{% set content = m.content | trim -%}
            {% if '</think>' in content %}{% set content = content.split('</think>')[-1].lstrip('\n') %}{% endif %}
            {{- '<|im_start|>' + m.role + '\n' + content.replace('\r', '') + '<|im_end|>\n' }}{{ m | tojson | length }}{% endfor %}
            """;
        var text = string.Concat(Enumerable.Repeat("some words of a long observation\n", 3000));
        var messages = new JsonArray([.. Enumerable.Range(0, 100).Select(i => new JsonObject { ["role"] = "user", ["content"] = text })]);
        Assert.InRange(
            ChatTemplate.Parse(source).Render(messages, null, false, "", "").Length, 100 * (text.Length - 1), 101 * (text.Length + 40));
    }

    [Fact]
    public void Integers_have_digits_within_a_limit()
    {
        Assert.Contains(
            "5000 digits",
            Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("{{ " + new string('9', 5000) + " }}")).Message,
            StringComparison.Ordinal);
        var variables = new JsonObject { ["x"] = JsonNode.Parse(new string('9', 5000)) };
        Assert.Contains(
            "5000 digits",
            Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("{{ x }}").Render([], null, false, "", "", variables)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("{1:", "}")]
    [InlineData("x[", "]")]
    [InlineData("f(", ")")]
    public void Nesting_too_deep_is_refused_instead_of_overflowing_the_stack(string open, string close)
    {
        var source = "{{ " + string.Concat(Enumerable.Repeat(open, 100_000)) + "1"
            + string.Concat(Enumerable.Repeat(close, 100_000)) + " }}";
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source));
    }

    [Theory]
    [InlineData("{{ 1", " - 1", " }}")]
    [InlineData("{{ 'a'", " | trim", " }}")]
    [InlineData("{{ x", ".y", " }}")]
    [InlineData("{{ x", "[0]", " }}")]
    [InlineData("{{ x", "()", " }}")]
    [InlineData("{{ 1", " is number", " }}")]
    public void A_long_chain_ends_without_overflowing_the_stack(string start, string link, string end)
    {
        var source = start + string.Concat(Enumerable.Repeat(link, 200_000)) + end;
        try
        {
            Render(source);
        }
        catch (ChatTemplateException exception)
        {
            Assert.NotEqual(ChatTemplateFault.Raised, exception.Fault);
        }
    }

    [Fact]
    public void Long_sums_and_concatenations_are_no_nesting()
    {
        var sum = "{{ 'a'" + string.Concat(Enumerable.Repeat(" + 'b'", 50_000)) + " }}";
        Assert.Equal(50_001, Render(sum).Length);
        Assert.Equal(50_001, Render(sum.Replace("+", "~", StringComparison.Ordinal)).Length);
    }

    [Fact]
    public void Tags_nested_too_deep_are_refused() => Assert.Throws<ChatTemplateException>(() =>
        ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000))));

    private static string Render(string source, ChatTemplateLimits? limits = null) => ChatTemplate.Parse(source, limits).Render(
        [new JsonObject { ["role"] = "user", ["content"] = "Hi" }], tools: null, addGenerationPrompt: false, "<s>", "</s>");
}
