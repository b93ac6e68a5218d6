using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Fuzz.Mutation;
using Rebound.Grammar;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Fuzz.Readers;

/// <summary>Tokenizers, their patterns, and chat templates.</summary>
internal static class TextReaders
{
    private static readonly string[] Texts =
    [
        "Hello there, the 1234 others' tools: <|end|> <tool>\n\n  é😀", "", " ", new('x', 60), "aaaa|a-a  a",
        $"{string.Concat(Enumerable.Repeat("ab ", 200))}\ud83d\0",
    ];

    private static readonly TextMutator Pattern = new(
        [
            "(", ")", "(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?<n>", "(?P<n>", "[", "]", "[^", "&&", "|", "*", "+", "?", "*?",
            "+?", "++", "?+", "{2}", "{1,3}", "{,3}",
            "{1000,}", "{99999999999}", ".", "^", "$", @"\s", @"\S", @"\d", @"\w", @"\W", @"\b", @"\B", @"\A", @"\z", @"\p{L}", @"\p{Lu}",
            @"\P{N}", @"\p{Han}", @"\p{", @"\x41", @"\x{1F600}",
            @"\u0041", @"\1", @"\k<n>", @"\G", @"\R", @"\X", @"\h", "[:alpha:]", "-", "a", "x", "0", " ", "é", @"\", "#", "(?#",
        ],
        [("(", ")"), ("(?:", ")*"), ("[", "]"), ("(?=", ")"), ("(a|", ")+"), ("a?", "a")]);

    private static readonly string[] SchemaPatterns =
        ["^[a-z]{2,8}$", @"^(foo|bar)+\d*$", "a.c|[xyz]$", @"^(?!tmp)\p{L}+[^\s_]?$", @"^(?=.*\d)\u{1F600}?\x41{3}"];

    private static readonly TextMutator Rules = new(
        [
            "root", "value", "item", "ws", "::=", "|", "(", ")", "*", "+", "?", "{2}", "{2,}", "{0,3}", "{,3}", "{9999}", "{1,99999999999}",
            "\"", "\"a\"", "\"\"", "[a-z]", "[^\"\\\\]", "[", "]", "[^", "-", "^", ".", @"\n", @"\x41", @"\u00e9", @"\U0001F600", @"\ud800",
            @"\d", @"\", "#", "# so\n", "\n", "\r\n", "<[1]>", "<think>", "!", "(=", "'", "\nroot ::= ", "\nitem ::= item item | \"x\"\n",
        ],
        [("(", ")"), ("(", ")*"), ("[", "]"), ("(\"a\" | ", ")+"), ("item ", "ws"), ("\nr ::= (", ")"), ("\"a\"? ", "")]);

    private static readonly TextMutator Template = new(
        [
            "{%", "%}", "{{", "}}", "{#", "#}", "{%-", "-%}", "if", "elif", "else", "endif", "for", "in", "endfor", "recursive", "set",
            "endset", "macro", "endmacro", "call", "endcall", "filter",
            "endfilter", "generation", "endgeneration", "raw", "endraw", "include", "import", "extends", "block", "break", "continue",
            "namespace", "loop", "loop.index", "loop.previtem", "messages", "message", "tools", "range", "range(99999)",
            "dict", "cycler", "joiner", "lipsum", "raise_exception", "strftime_now", "varargs", "kwargs", "caller", "self", "true", "none",
            "not", "and", "or", "is", "defined", "string", "mapping", "iterable", "sameas", "eq",
            "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "=", "|", ".", ",", ":", "(", ")", "[", "]", "{", "}", "'a'",
            "\"b\"", "'%s %d'", "'{:>9999}'", "1e308", "0", "-1", "999999999", "10 ** 99",
            "|tojson", "|join", "|length", "|list", "|sort", "|map(attribute='x')", "|selectattr('a')", "|groupby('role')", "|batch(3)",
            "|slice(999999)", "|indent(9999)", "|center(99999)", "|wordwrap", "|truncate", "|replace('a', 'aaaa')",
            "|format(1)", "|urlize", "|xmlattr", "|striptags", "|int", "|float", "|round(99)", "|sum", "|min", "|dictsort", "|items",
            "|random", "|filesizeformat", "|pprint", "|safe", "|escape",
            ".__class__", ".__mro__", ".__init__", ".__globals__", ".items()", ".split()", ".format()", ".strip('a')", ".append(1)",
            ".pop()", ".update({})", ".encode()", ".join(messages)", "[::-1]", "[1:999]", "[0]",
        ],
        [("(", ")"), ("[", "]"), ("{% if 1 %}", "{% endif %}"), ("{% for x in [1] %}", "{% endfor %}"), ("-", ""), ("not ", ""),
            ("{'a':", "}"), ("x.", "y"), ("{{ '", "' }}"), ("1 if 1 else ", "")]);

    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        new("tokenizer", JsonMutator.Instance, _ => Workbench.Files("tokenizer"),
            bench => input => Use(Tokenizer.Load(bench.Write("tokenizer.json", input)))),
        new("pattern", Pattern, _ => Workbench.Files("pattern"),
            _ => input => Use(Tokenizer.Parse(WithPattern(Encoding.UTF8.GetString(input))))),
        new("template", Template, _ => Workbench.Files("template"), _ => OpenTemplate),
        new("schema", JsonMutator.Instance, _ => Workbench.Files("schema"), _ => input => JsonGrammar.Compile(Encoding.UTF8.GetString(input))),
        new("schema-pattern", Pattern, _ => [.. SchemaPatterns.Select(Encoding.UTF8.GetBytes)], _ => input => JsonGrammar.Compile(
            new JsonObject { ["type"] = "string", ["pattern"] = Encoding.UTF8.GetString(input) }.ToJsonString())),
        new("grammar", Rules, _ => Workbench.Files("grammar"), _ => input => EbnfGrammar.Compile(Encoding.UTF8.GetString(input))),
        new("messages", JsonMutator.Instance, _ => Workbench.Files("messages"), OpenMessages),
    ];

    private static Action<byte[]> OpenTemplate => input =>
    {
        var chat = Chat(Workbench.Files("messages")[0]);
        var template = ChatTemplate.Parse(Encoding.UTF8.GetString(input));
        template.Render(chat.Messages, chat.Tools, true, "<s>", "</s>");
        template.Render([], null, false, "", "");
    };

    private static Action<byte[]> OpenMessages(Workbench bench)
    {
        var templates = Workbench.Files("template").Select(source => ChatTemplate.Parse(Encoding.UTF8.GetString(source))).ToArray();
        return input =>
        {
            (JsonArray Messages, JsonArray? Tools) chat;
            try
            {
                chat = Chat(input);
            }
            catch (JsonException e)
            {
                bench.Refuse($"The messages are not valid JSON, {JsonProblem.Of(e)}.");
                return;
            }

            foreach (var template in templates)
            {
                template.Render(chat.Messages, chat.Tools, true, "<s>", "</s>");
            }
        };
    }

    private static (JsonArray Messages, JsonArray? Tools) Chat(byte[] json)
    {
        var chat = StrictJson.ParseNode(json) as JsonObject ?? [];
        return (chat["messages"] as JsonArray ?? [], chat["tools"] as JsonArray);
    }

    private static void Use(Tokenizer tokenizer)
    {
        foreach (var text in Texts)
        {
            var ids = tokenizer.Encode(text, addSpecialTokens: true);
            tokenizer.Decode(ids);
            var decoder = tokenizer.CreateDecoder();
            foreach (var id in ids)
            {
                decoder.Append(id);
                tokenizer.DescribeToken(id);
            }

            decoder.Flush();
        }
    }

    private static JsonObject WithPattern(string pattern)
    {
        var json = ByteTokenizer.Json();
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = pattern },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                },
                json["pre_tokenizer"]!.DeepClone()),
        };
        return json;
    }
}
