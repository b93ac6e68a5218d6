using System.Text;
using System.Text.RegularExpressions;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Tests;

/// <summary>Context-free grammars as automata.</summary>
public sealed class EbnfGrammarTests
{
    private const string Changes = "abcdxyz-[\\\t1";

    private const string Arithmetic = """
        root  ::= (expr "=" term "\n")+
        expr  ::= expr [-+] term | term
        term  ::= term [*/] power | power
        power ::= atom "^" power | atom
        atom  ::= "(" expr ")" | [a-z]+ | [0-9]{1,3}
        """;

    private const string Json = """
        # JSON without escapes of code points.
        root   ::= ws value
        value  ::= (object | array | string | number | "true" | "false" | "null") ws
        object ::= "{" ws ( member ("," ws member)* )? "}"
        member ::= string ws ":" ws value
        array  ::= "[" ws ( value ("," ws value)* )? "]"
        string ::= "\"" ( [^"\\\x00-\x1F] | "\\" ["\\/bfnrt] )* "\""
        number ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)?
        ws     ::= | [ \n\t] ws
        """;

    private const string Mutual = """
        root ::= a "." | b
        a    ::= b "x" | c? "y" | ("z" a)*
        b    ::= a "u" | c b | "v"
        c    ::= "w" | c? b "t"
        """;

    private const string Program = """
        root ::= (s function)+ s
        function ::= type name "(" s (parameter ("," s parameter)*)? ")" s block
        parameter ::= type name
        type ::= ("int" | "float" | "string" | "bool") ("[]")? gap
        block ::= "{" s statement* "}" s
        statement ::= block | type name "=" s expression ";" s | lvalue "=" s expression ";" s | call ";" s |
            "if" s "(" s expression ")" s statement ("else" gap statement)? | "while" s "(" s expression ")" s statement |
            "return" gap expression? ";" s
        expression ::= expression "||" s and | and
        and ::= and "&&" s compared | compared
        compared ::= compared ("==" | "!=" | "<" | "<=" | ">" | ">=") s sum | sum
        sum ::= sum [+-] s product | product
        product ::= product [*/%] s unary | unary
        unary ::= [!-] s unary | primary
        primary ::= lvalue | call | number | text | "(" s expression ")" s
        lvalue ::= name | lvalue "[" s expression "]" s | lvalue "." s name
        call ::= name "(" s (expression ("," s expression)*)? ")" s
        name ::= [a-zA-Z_] [a-zA-Z0-9_]* s
        number ::= [0-9]+ ("." [0-9]+)? s
        text ::= "\"" ([^"\\\n] | "\\" .)* "\"" s
        s ::= ([ \t\n] | "//" [^\n]* "\n")*
        gap ::= [ \t\n]+ s
        """;

    public static TheoryData<string> Written => [Arithmetic, Json, Mutual, Program];

    /// <summary>Regular grammars, and the expressions that they are.</summary>
    public static TheoryData<string, string> Regular => new()
    {
        { "root ::= \"ab\"* [^a-c\\n]{2} | ( \"x\" |\n )? tail\ntail ::= \"y\" tail | \"\"", "(ab)*[^a-c\\n]{2}|x?y*" },
        { "root ::= root \"a\" | root \"b\" \"c\"? | \"d\"", "d(a|bc?)*" },
        { "root ::= [\\]\\[\\-\\\\] \"\\x61\\u0062\\U00000063\\t\\\"\"+ | . [\\d\\-] [-z]", "[\\]\\[\\-\\\\](abc\\t\")+|[\\s\\S][0-9\\-][-z]" },
        { "root ::= first{2,3} second{1,} third{0}\r\n# end\r\nfirst ::= [ab]\r\nsecond ::= first? \"c\"\r\nthird ::= \"d\"", "[ab]{2,3}([ab]?c)+" },
        { "root ::= x y\nx ::= y \"a\" |\ny ::= x \"b\" | \"c\"", "([bc](ab)*a)?[bc](ab)*" },
    };

    [Fact]
    public void Random_grammars_take_what_they_derive_and_nothing_else()
    {
        var (compiled, taken, refused) = (0, 0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            if (EbnfKinds.TryMake(random) is not { } made)
            {
                continue;
            }

            compiled++;
            for (var i = 0; i < 30; i++)
            {
                string[] text = [.. Enumerable.Range(0, random.Next(8)).Select(_ => EbnfKinds.Alphabet[random.Next(EbnfKinds.Alphabet.Count)])];
                var derives = EarleyRecognizer.Derives(made.Kind.Rules, text);
                (taken, refused) = derives ? (taken + 1, refused) : (taken, refused + 1);
                Assert.True(
                    derives == made.Compiled.Accepts(Encoding.UTF8.GetBytes(string.Concat(text))),
                    $"seed {seed}: '{string.Concat(text)}' {derives}\n{made.Kind}");
            }
        }

        Assert.True(compiled > 35 && taken > 100 && refused > 600, $"{compiled} grammars, {taken} texts taken, {refused} refused");
    }

    [Fact]
    public void Every_way_through_a_random_grammar_ends_in_a_text_that_it_derives()
    {
        var walked = 0;
        for (var seed = 1000; seed < 1080; seed++)
        {
            var random = new Random(seed);
            if (EbnfKinds.TryMake(random) is not { } made)
            {
                continue;
            }

            for (var i = 0; i < 3; i++)
            {
                // A class of all characters but some has more than the alphabet.
                string[] text = [.. Encoding.UTF8.GetString(Ended(made.Compiled, random)).EnumerateRunes().Select(rune => rune.ToString())];
                if (text.Length < 12 && text.All(EbnfKinds.Alphabet.Contains))
                {
                    Assert.True(EarleyRecognizer.Derives(made.Kind.Rules, text), $"seed {seed}: '{string.Concat(text)}'\n{made.Kind}");
                    walked++;
                }
            }
        }

        Assert.True(walked > 60, $"{walked}");
    }

    [Theory]
    [MemberData(nameof(Regular))]
    public void A_regular_grammar_takes_what_its_expression_matches(string text, string expression)
    {
        var grammar = EbnfGrammar.Compile(text);
        var oracle = new Regex($@"\A(?:{expression})\z", RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
        var random = new Random(7);
        for (var walk = 0; walk < 200; walk++)
        {
            var taken = Encoding.UTF8.GetString(DocumentWalk.Of(grammar, random, escapes: true));
            Assert.Matches(oracle, taken);

            var place = random.Next(taken.Length + 1);
            var changed = taken[..place] + Changes[random.Next(Changes.Length)] + taken[Math.Min(taken.Length, place + random.Next(2))..];
            Assert.True(oracle.IsMatch(changed) == grammar.Accepts(Encoding.UTF8.GetBytes(changed)), changed);
        }
    }

    [Theory]
    [InlineData(Arithmetic, "(a+b)*12^c/d-1=x\n", "a+=b\n")]
    [InlineData(Arithmetic, "a=b\nc^d^e*f-g-h=1\n", "a=b+c\n")]
    [InlineData(Json, " {\"a\": [1, -2.5, true , {}], \"b\" : \"\\n\"}\n", "{\"a\": 01}")]
    [InlineData(Program, "int f(int a, bool b) {\n  if (a < 3 && !b) { a = a[g(a) + 1].x * -2; } // so\n  return a;\n}", "int f() { a = ; }")]
    [InlineData(Mutual, "vxutvx.", "xv")]
    public void A_written_grammar_takes_its_texts(string grammar, string text, string other)
    {
        var compiled = EbnfGrammar.Compile(grammar);

        Assert.True(compiled.Accepts(Encoding.UTF8.GetBytes(text)));
        Assert.False(compiled.Accepts(Encoding.UTF8.GetBytes(other)));
    }

    [Fact]
    public void What_recurs_at_its_end_or_beginning_goes_on_and_what_nests_is_bounded()
    {
        var right = EbnfGrammar.Compile("root ::= item\nitem ::= \"a\" more\nmore ::= \";\" item | \"\"");
        var left = EbnfGrammar.Compile("root ::= root \";\" item | item\nitem ::= \"a\"");
        var nested = EbnfGrammar.Compile("root ::= \"(\" inner \")\"\ninner ::= root?", new EbnfGrammarOptions { MaxDepth = 5 });
        var list = Encoding.UTF8.GetBytes("a" + string.Concat(Enumerable.Repeat(";a", 5_000)));

        Assert.True(right.Accepts(list));
        Assert.True(left.Accepts(list));
        Assert.False(right.Accepts(list.AsSpan(..^1)));
        Assert.True(nested.Accepts(Encoding.UTF8.GetBytes("((((()))))")) || nested.Accepts(Encoding.UTF8.GetBytes("(((((())))))")));
        Assert.False(nested.Accepts(Encoding.UTF8.GetBytes("((((((()))))))")));
    }

    /// <summary>A few bytes of a random way, and some that end it: of the ways that were begun, what has least left goes on.</summary>
    private static byte[] Ended(EbnfGrammar grammar, Random random)
    {
        var (text, state, table) = (new List<byte>(), grammar.Start, grammar.Table);
        for (var left = random.Next(8); left > 0 && table.MovesOf(state).List is { Count: > 0 } moves; left--)
        {
            var move = moves[random.Next(moves.Count)];
            text.Add(First(move));
            state = move.Target;
        }

        var (pending, seen) = (new PriorityQueue<(Node State, byte[] Text), int>([((state, text.ToArray()), 0)]), new HashSet<Node> { state });
        while (pending.Count < 20_000)
        {
            Assert.True(pending.TryDequeue(out var next, out _), "No way ends.");
            if (next.State.IsNullable)
            {
                return next.Text;
            }

            foreach (var move in table.MovesOf(next.State).List.Where(move => seen.Add(move.Target)))
            {
                pending.Enqueue((move.Target, [.. next.Text, First(move)]), Left(move.Target));
            }
        }

        throw new InvalidOperationException("No way that was tried ends.");

        static int Left(Node node) => node.Kind switch
        {
            NodeKind.Sequence => Left(node.First!) + Left(node.Second!),
            NodeKind.Choice => node.Options.Nodes.Min(Left),
            NodeKind.Repeat => node.Min * Left(node.First!),
            NodeKind.Unit => Left(node.First!),
            _ => node.IsNullable ? 0 : 1,
        };

        static byte First(Move move) => (byte)Enumerable.Range(0, 256).First(move.Set.Contains);
    }
}
