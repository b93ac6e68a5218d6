using System.Text;
using System.Text.Json.Nodes;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Search;
using Rebound.Calculation;
using Rebound.Calculation.Numbers;
using Rebound.Fuzz.Mutation;
using Rebound.Trajectories.Parsing;

namespace Rebound.Fuzz.Readers;

/// <summary>What agents meet: turns of models, expressions, indexes, pages.</summary>
internal static class AgentReaders
{
    private static readonly TextMutator Calculation = new(
        [
            "+", "-", "*", "/", "//", "%", "**", "^", "(", ")", ",", "=", "==", "<", "!", "pi", "e", "oo", "zoo", "nan", "I", "x", "y",
            "sqrt(", "log(", "ln(", "exp(", "sin(", "tan(", "factorial(", "gcd(", "binomial(", "round(", "floor(", "max(",
            "abs(", "cbrt(", "gamma(", "diff(", "solve(", "integrate(", "simplify(", "Rational(", "0", "1", "2", "10", "0.1", "1e300",
            "1e-300", "10**400", "2**500000", "99999999999999999999", ".5", "1/3", "$", "%", "1,000", "°", "×", "÷", "√", "−", "x**99",
            "(x+y)**40", "import", "__class__", "lambda", "[", "]", "{", "'", "\"", ";", "\\",
        ],
        [("(", ")"), ("-", ""), ("sqrt(", ")"), ("2**", "2"), ("(x+", ")**2"), ("log(", ")"), ("1/(1+", ")"),
            ("factorial(", ")"), ("9", "9")]);

    private static readonly TextMutator Turn = new(
        [
            "Action:", "action:", "Action 1:", "**Action**", "Thought:", "Observation:", "\n", "```", "```json\n", "`", "[", "]", "(", ")",
            "{", "}", "calculate", "search", "finish", "finish[", "calculate[", "\"", "<think>", "</think>", "<tool_call>",
            "</tool_call>", "{\"name\": \"calculate\", \"arguments\": {\"expression\": \"1+1\"}}", "\\boxed{", ":", "-", "*", "_",
            "Final Answer:", "I'm sorry, I can't",
        ],
        [("[", "]"), ("(", ")"), ("{", "}"), ("Action: a[", "]"), ("\nAction: ", ""), ("`", ""), ("*", ""), (" ", ""),
            ("<think>", "</think>"), ("((", "")]);

    private static readonly TextMutator Page = new(
        [
            "<", ">", "</", "/>", "<!--", "-->", "<p>", "</p>", "<script>", "</script>", "<style ", "</style >", "<svg", "</svg>", "<head",
            "<br>", "<div a='>'>", "&amp;", "&#0;", "&#x110000;", "&#99999999999;", "&bogus;", "<![CDATA[", "]]>",
            "<?xml", "one two three four five six seven eight nine ten eleven.", "\n", ". A", "!\" (B",
        ],
        [("<", ">"), ("<div>", "</div>"), ("<script>", "</script>"), ("<!--", ""), ("<p ", ""), ("<svg>", ""),
            ("</", ""), ("&", ";"), (" ", ".")]);

    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        new("calculator", Calculation, _ => Workbench.Files("calculator"),
            _ => input => Calculator.Calculate(Encoding.UTF8.GetString(input))),
        new("turn", Turn, _ => Workbench.Files("turn"), _ => input => ReadTurn(Encoding.UTF8.GetString(input))),
        new("page", Page, _ => Workbench.Files("page"), _ => input =>
        {
            var text = PageText.OfHtml(Encoding.UTF8.GetString(input));
            Passages.Observation(Passages.Of("a page", text));
        }),
        new("index", ByteMutator.Instance, Indexes, bench => input =>
        {
            using var index = SearchIndex.Open(bench.Write("one.idx", input));
            foreach (var query in new[] { "Danube", "the tall minster of Ulm", "nothing", "\"AND( *" })
            {
                index.Search(query, 3);
            }
        }),
        new("search-cache", ByteMutator.Instance, Caches, bench => input =>
        {
            File.Delete(bench.At("one.db-wal"));
            File.Delete(bench.At("one.db-shm"));
            using var cache = new SearchCache(bench.Write("one.db", input));
            cache.Find("Danube");
            cache.Store("Danube", "a river");
            cache.Find("Danube");
        }),
    ];

    private static void ReadTurn(string text)
    {
        string[] tools = ["calculate", "search", "finish"];
        var turn = TolerantActions.Parse(text, tools);
        TolerantActions.UpToAction(text, turn);
        TolerantActions.CertainEnd(text, tools);
        ReferenceActions.Parse(text);
        var pieces = new TurnPieces();
        pieces.Append(text);
        pieces.Flush();
        foreach (var scorer in Scorers.ByName.Values)
        {
            scorer.Score(JsonValue.Create("42"), turn.Argument ?? text);
            scorer.Score(JsonValue.Create(text), "42");
        }
    }

    private static byte[][] Indexes(Workbench bench)
    {
        var passages = Enumerable.Range(0, 30).Select(number =>
            new Passage($"Ulm {number}", $"The minster of Ulm on the Danube is tall, says book {number * number}."));
        SearchIndex.Build(bench.At("seed.idx"), passages);
        return [File.ReadAllBytes(bench.At("seed.idx"))];
    }

    private static byte[][] Caches(Workbench bench)
    {
        using (var cache = new SearchCache(bench.At("seed.db")))
        {
            for (var number = 0; number < 30; number++)
            {
                cache.Store($"question {number}", $"#1: answer {number}");
            }
        }

        return [File.ReadAllBytes(bench.At("seed.db"))];
    }
}
