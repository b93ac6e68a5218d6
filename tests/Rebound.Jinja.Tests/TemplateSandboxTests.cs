using System.Text.Json.Nodes;

namespace Rebound.Jinja.Tests;

/// <summary>
/// Templates come with downloaded models. Whatever one says, it sees the messages and its own variables and nothing of the
/// program, the machine or other files, and it ends within its limits.
/// </summary>
public sealed class TemplateSandboxTests
{
    private static readonly ChatTemplateLimits Limits = new() { Steps = 2_000_000, TextLength = 4_000_000 };

    private static readonly string[] Values =
    [
        "''", "[]", "{}", "()", "1", "1.5", "none", "true", "messages", "messages[0]", "tools", "undefined_name", "range(3)", "range",
        "dict", "namespace()", "namespace", "cycler('a')", "joiner()",
        "raise_exception", "strftime_now", "loop", "m", "''.join", "''.format", "[].count", "{}.items", "messages | list", "'a' | safe",
        "messages | map(attribute='role')", "messages | groupby('role') | first",
    ];

    private static readonly string[] Attributes =
    [
        "__class__", "__mro__", "__base__", "__bases__", "__subclasses__", "__init__", "__globals__", "__builtins__", "__dict__",
        "__code__", "__closure__", "__func__", "__self__", "__module__", "__doc__",
        "__getattribute__", "__reduce__", "__import__", "func_globals", "func_code", "im_class", "gi_frame", "gi_code", "cr_frame",
        "ag_code", "f_back", "tb_frame", "mro", "_TemplateReference__context",
        "GetType", "ToString", "Assembly",
    ];

    [Theory]
    [InlineData("{{ 1 | x", ".x", " }}")]
    [InlineData("{{ 'a'", " 'a'", " }}")]
    public void What_a_parser_takes_grows_with_the_template_alone(string begin, string repeated, string end)
    {
        var source = $"{begin}{string.Concat(Enumerable.Repeat(repeated, 50_000))}{end}";
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ChatTemplate.Parse(source);
        }
        catch (ChatTemplateException)
        {
            // A filter of this name is not known.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000L * source.Length);
    }

    [Fact]
    public void A_conversation_is_rendered_within_one_limit_however_often()
    {
        var template = ChatTemplate.Parse(
            "{% for message in messages %}{{ message.content }}{% endfor %}", new ChatTemplateLimits { ConversationSteps = 10_000 });
        var messages = new TemplateMessages();
        while (messages.Count < 50)
        {
            Assert.EndsWith("x", RenderOneMore());
        }

        var error = Assert.Throws<ChatTemplateException>(() => Enumerable.Range(0, 50).Select(_ => RenderOneMore()).ToList());
        Assert.Equal(ChatTemplateFault.Limit, error.Fault);

        string RenderOneMore()
        {
            messages.Add(new JsonObject { ["content"] = "x" });
            return template.Render(messages, null, false, "", "");
        }
    }

    [Fact]
    public void No_value_gives_away_what_it_is_made_of()
    {
        foreach (var value in Values)
        {
            foreach (var attribute in Attributes)
            {
                AssertContained(InLoop($"{value}.{attribute}"));
                AssertContained(InLoop($"{value}.{attribute}()"));
                AssertContained(InLoop($"({value})['{attribute}']"));
                AssertContained(InLoop($"{value} | attr('{attribute}')"));
                AssertContained(InLoop($"[{value}] | map(attribute='{attribute}') | list"));
                AssertContained(InLoop($"'{{0.{attribute}}}'.format({value})"));
                AssertContained(InLoop($"'{{0[{attribute}]}}'.format({value})"));
            }
        }
    }

    [Theory]
    [InlineData("{{ ''.__class__.__mro__[1].__subclasses__() }}")]
    [InlineData("{{ ''['__cla' ~ 'ss__'] }}")]
    [InlineData("{{ ''[['__', 'class', '__'] | join] }}")]
    [InlineData("{{ '' | attr('\\x5f\\x5fclass\\x5f\\x5f') }}")]
    [InlineData("{{ '' | attr('__ssalc__'[::-1]) }}")]
    [InlineData("{% set a = '__class__' %}{{ messages | map(attribute=a) | list }}")]
    [InlineData("{{ messages | sort(attribute='__class__') }}")]
    [InlineData("{{ messages | groupby('__class__') }}")]
    [InlineData("{{ messages | selectattr('__class__') | list }}")]
    [InlineData("{{ messages | sum(attribute='__class__') }}")]
    [InlineData("{{ messages | unique(attribute='__class__.__name__') | list }}")]
    [InlineData("{{ messages | min(attribute='__class__') }}")]
    [InlineData("{{ '{0.__class__.__init__.__globals__}'.format(messages) }}")]
    [InlineData("{{ '{a.__class__}'.format(a=1) }}")]
    [InlineData("{{ '{0.__class__}' | format(1) }}")]
    [InlineData("{{ '{0.__class__}'.format_map({'0': 1}) }}")]
    [InlineData("{{ ('{0.__class__}' | safe).format(1) }}")]
    [InlineData("{{ '%(__class__)s' % messages[0] }}")]
    [InlineData("{{ '%(a.__class__)s' % {'a': 1} }}")]
    [InlineData("{{ lipsum.__globals__['os'].popen('id').read() }}")]
    [InlineData("{{ cycler.__init__.__globals__.os.environ }}")]
    [InlineData("{{ self.__init__.__globals__.__builtins__ }}")]
    [InlineData("{{ self._TemplateReference__context }}")]
    [InlineData("{{ joiner.__init__.__globals__ }}")]
    [InlineData("{{ namespace.__init__.__globals__ }}")]
    [InlineData("{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}")]
    [InlineData("{% macro m() %}{{ varargs.__class__ }}{{ kwargs.__class__ }}{% endmacro %}{{ m(1, a=2) }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.__class__ = 1 %}{{ ns.__class__ }}")]
    [InlineData("{% set ns = namespace(__class__=1) %}{{ ns.__init__ }}")]
    public void Ways_around_the_names_lead_nowhere(string source) => AssertContained(source);

    [Theory]
    [InlineData("{% include '/etc/passwd' %}")]
    [InlineData("{% include ['a', '/etc/passwd'] ignore missing %}")]
    [InlineData("{% import '/etc/passwd' as x %}")]
    [InlineData("{% from '/etc/passwd' import x %}")]
    [InlineData("{% extends '/etc/passwd' %}")]
    [InlineData("{% block a %}{{ super() }}{% endblock %}")]
    [InlineData("{% do messages.clear() %}")]
    [InlineData("{% debug %}")]
    [InlineData("{% trans %}a{% endtrans %}")]
    [InlineData("{% autoescape false %}a{% endautoescape %}")]
    public void No_tag_reaches_other_files_or_the_program(string source) => AssertContained(source, isRefused: true);

    [Theory]
    [InlineData("open('/etc/passwd').read()")]
    [InlineData("__import__('os').environ")]
    [InlineData("eval('1')")]
    [InlineData("exec('1')")]
    [InlineData("os.environ")]
    [InlineData("environ['PATH']")]
    [InlineData("sys.modules")]
    [InlineData("request.application")]
    [InlineData("config.items()")]
    [InlineData("url_for.x")]
    [InlineData("globals()")]
    [InlineData("locals()")]
    [InlineData("vars(messages)")]
    [InlineData("getattr('', '__class__')")]
    [InlineData("type(messages)")]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')")]
    [InlineData("Environment.GetEnvironmentVariable('PATH')")]
    [InlineData("context.vars")]
    [InlineData("environment.loader")]
    public void No_name_of_the_program_or_the_machine_is_known(string expression) =>
        AssertContained($"{{{{ {expression} }}}}", isRefused: true);

    [Theory]
    [InlineData("messages.append(1)")]
    [InlineData("messages.insert(0, 1)")]
    [InlineData("messages.extend([1])")]
    [InlineData("messages.clear()")]
    [InlineData("messages.pop()")]
    [InlineData("messages.remove(1)")]
    [InlineData("messages.reverse()")]
    [InlineData("messages.sort()")]
    [InlineData("messages[0].update({'role': 'x'})")]
    [InlineData("messages[0].pop('role')")]
    [InlineData("messages[0].popitem()")]
    [InlineData("messages[0].setdefault('a', 1)")]
    [InlineData("messages[0].clear()")]
    public void What_it_is_given_it_cannot_change(string expression)
    {
        var messages = Messages();
        Assert.Throws<ChatTemplateException>(() => Render($"{{{{ {expression} }}}}", messages));
        Assert.True(JsonNode.DeepEquals(Messages(), messages));
    }

    [Theory]
    [InlineData("{{ range(10 ** 9) | list }}")]
    [InlineData("{{ range(0, 10 ** 18, 1) | length }}")]
    [InlineData("{{ range(-10 ** 9, 10 ** 9) | sum }}")]
    [InlineData("{{ range(99999) | map('string') | join('x' * 9999) }}")]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}")]
    [InlineData("{{ ([0] * 99999) | batch(1) | map('list') | list | tojson(indent=9999) }}")]
    [InlineData("{{ [1] | slice(10 ** 9) | list }}")]
    [InlineData("{{ [1] | batch(10 ** 9, 0) | list }}")]
    [InlineData("{{ 'a' * 10 ** 9 }}")]
    [InlineData("{{ 'a'.ljust(10 ** 9) }}")]
    [InlineData("{{ 'a'.zfill(10 ** 9) }}")]
    [InlineData("{{ 'a\\tb'.expandtabs(10 ** 9) }}")]
    [InlineData("{{ '{:{}}'.format('a', 10 ** 9) }}")]
    [InlineData("{{ '{:.999999999f}'.format(1.5) }}")]
    [InlineData("{{ '{:,.99999999%}'.format(1.5) }}")]
    [InlineData("{{ '%*d' % (10 ** 9, 1) }}")]
    [InlineData("{{ '%.999999999f' % 1.5 }}")]
    [InlineData("{{ '%0999999999d' | format(1) }}")]
    [InlineData("{{ 9 ** (9 ** 9) }}")]
    [InlineData("{{ (10 ** 4000) ** 4000 }}")]
    [InlineData("{{ (10 ** 4000) * (10 ** 4000) }}{% for i in range(99999) %}{{ 10 ** 4000 }}{% endfor %}")]
    [InlineData("{{ 1 if 'a' * 999999 < 'a' * 999999 + 'b' else 0 }}{{ ('a' * 99999).replace('', 'b' * 99999) }}")]
    [InlineData("{{ ('a' * 999999).split('') }}")]
    [InlineData("{{ ('a ' * 999999) | wordwrap(1, wrapstring='x' * 999) }}")]
    [InlineData("{{ ('a\\n' * 999999) | indent(999) }}")]
    [InlineData("{{ ('<' * 1999999) | escape }}")]
    [InlineData("{{ ('a' * 999999) | urlencode | list | length }}{{ ('é' * 999999) | urlencode }}")]
    [InlineData("{{ ('http://a ' * 99999) | urlize | urlize }}")]
    [InlineData(
        "{% set x = 'a' * 1000 %}{% for i in range(40) %}{% set x = x ~ x %}{{ x | length }}{% endfor %}{% filter upper %}{% for i in "
            + "range(9999) %}{{ 'a' * 9999 }}{% endfor %}{% endfilter %}")]
    [InlineData(
        "{% set ns = namespace(x={}) %}{% for i in range(9999) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData(
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}{{ ns.x | "
            + "string | length }}")]
    [InlineData(
        "{% set ns = namespace(x=[1]) %}{% set ns.y = ns.x %}{% for i in range(64) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, "
            + "ns.y] %}{% endfor %}{{ ns.x == ns.y }}")]
    [InlineData("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}")]
    [InlineData("{% macro a(n) %}{{ a(n + 1) if n < 10 ** 9 }}{% endmacro %}{{ a(0) }}")]
    [InlineData("{% macro a() %}{% call a() %}{% endcall %}{% endmacro %}{{ a() }}")]
    [InlineData("{% macro a(f) %}{{ f(f) }}{% endmacro %}{{ a(a) }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1, 1]) }}{% endfor %}")]
    [InlineData("{% for i in range(99999) %}{{ messages * 9999 }}{% endfor %}")]
    [InlineData("{% for i in range(99999) %}{% for x in ('a' * 99999) | groupby('x') %}{% endfor %}{% endfor %}")]
    public void A_bomb_is_stopped_by_a_limit(string source) => AssertContained(source, isRefused: true);

    [Theory]
    [InlineData("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = {'a': ns} %}{{ ns.x | tojson }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x == ns.x }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = [ns] %}{{ [ns.x, ns.x] | sort }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = [ns] %}{{ [ns.x, ns.x] | unique | list }}")]
    [InlineData("{% macro m() %}{{ m }}{% endmacro %}{{ m() }}{{ [m] }}{{ {'m': m} }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop }}{% endfor %}")]
    public void A_value_that_holds_itself_ends(string source) => AssertContained(source);

    /// <summary>Renders, and sees that what comes of it is a text without anything of the program in it, or a refusal.</summary>
    private static void AssertContained(string source, bool isRefused = false)
    {
        try
        {
            var text = Render(source, Messages());
            Assert.False(isRefused, $"{source} gave {text[..Math.Min(text.Length, 200)]}");
            foreach (var mark in new[]
            {
                "System.",
                "Rebound.",
                "<class",
                "root:",
                Environment.CurrentDirectory,
                Environment.GetEnvironmentVariable("PATH")!,
            })
            {
                Assert.False(text.Contains(mark, StringComparison.Ordinal), $"{source} gave {text}");
            }
        }
        catch (ChatTemplateException exception)
        {
            Assert.NotEqual(ChatTemplateFault.Raised, exception.Fault);
            Assert.DoesNotContain("System.", exception.Message, StringComparison.Ordinal);
        }
    }

    private static string InLoop(string expression) =>
        $"{{% macro m() %}}{{% endmacro %}}{{% for x in [1] %}}{{{{ {expression} }}}}{{% endfor %}}";

    private static string Render(string source, JsonArray messages) =>
        ChatTemplate.Parse(source, Limits).Render(messages, null, true, "<s>", "</s>");

    private static JsonArray Messages() => [new JsonObject { ["role"] = "user", ["content"] = "Hi" }];
}
