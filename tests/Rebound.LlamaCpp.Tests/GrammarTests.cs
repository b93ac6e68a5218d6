using System.Buffers;
using System.Text;
using Rebound.Checkpoints;
using Rebound.Grammar;
using Rebound.Grammar.Masks;
using Rebound.Inference.Generation;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.LlamaCpp.Tests;

/// <summary>Grammars in llama.cpp's notation allow the tokens that llama.cpp allows.</summary>
public sealed class GrammarTests : IClassFixture<GrammarTests.Model>
{
    private const int Rows = 32_000;
    private const int End = 2;

    private readonly Model _model;

    public GrammarTests(Model model) => _model = model;

    public static TheoryData<string> Grammars =>
    [
        """
        root ::= "yes" | "no" | "may" "be"?
        """,
        """
        # a list of lines
        root ::= (
            "- " item  # each begins so
        )+
        item ::= [^\n\r]+ "\n"
        """,
        """
        root   ::= value
        value  ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::= "{" ws ( pair ("," ws pair)* )? "}" ws
        pair   ::= string ":" ws value
        array  ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= "-"? ([0-9] | [1-9] [0-9]{0,15}) ("." [0-9]+)? ([eE] [-+]? [1-9] [0-9]{0,15})? ws
        ws     ::= | " " | "\n" [ \t]{0,20}
        """,
        """
        root  ::= (expr "=" sp term "\n")+
        expr  ::= term ([-+*/] sp term)*
        term  ::= ident | num | "(" sp expr ")" sp
        ident ::= [a-z] [a-z0-9]* sp
        num   ::= [0-9]+ sp
        sp    ::= [ \t\n]*
        """,
        """
        root ::= kana{2,4} ("、" kana+ |
          "。" tail)
        tail ::= "é" | [\u3041-\u3096] tail | "\U0001F600" .
        kana ::= [ぁ-ゟ] | [ァ-ヿ]
        """,
        """
        root ::= "SELECT " name (", " name)* " FROM " name where?
        where ::= " WHERE " name " = " ([0-9]{1,3} | "'" [a-z ]{0,8} "'")
        name ::= "col-" [a-c] | [A-Z] name | "t" name?
        """,
        """
        root ::= nested
        nested ::= "a" nested "b" | "a" "b" | both both?
        both ::= [ab] "c" | [a] [c-d]
        """,
    ];

    [Theory]
    [MemberData(nameof(Grammars))]
    public void The_same_tokens_may_come(string text)
    {
        var constraint = new GrammarConstraint(EbnfGrammar.Compile(text), _model.Trie);
        var compared = 0;
        for (var seed = 1; seed < 3; seed++)
        {
            var random = new Random(seed);
            using var theirs = _model.Llama.Hold(text);
            var ours = constraint.Begin([End], Rows);
            for (var step = 0; step < 12; step++)
            {
                var (mine, other) = (ours.Allowed, theirs.Allowed());
                var both = new List<int>();
                for (var token = 0; token < Rows; token++)
                {
                    if (token == End || IsText(_model.Tokens[token]))
                    {
                        var may = (mine.Span[token / 64] >> (token % 64) & 1) == 1;
                        Assert.True(may == other[token], $"step {step}, token {token} '{Encoding.UTF8.GetString(_model.Tokens[token] ?? [])}': {may}");
                        compared++;
                        both.AddRange(may ? [token] : []);
                    }
                }

                var whole = both.Where(token => token != End && IsText(_model.Tokens[token], isWhole: true)).ToList();
                if (whole.Count == 0)
                {
                    break;
                }

                var chosen = whole[random.Next(whole.Count)];
                ours.Advance(chosen);
                theirs.Accept(chosen);
            }
        }

        Assert.True(compared > 4 * Rows);
    }

    /// <summary>
    /// Whether a token is of whole characters and perhaps the beginning of one: of others llama.cpp looks at less than the bytes, and a zero
    /// ends its texts.
    /// </summary>
    private static bool IsText(ReadOnlySpan<byte> bytes, bool isWhole = false)
    {
        if (bytes.IsEmpty || bytes.Contains((byte)0))
        {
            return false;
        }

        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out _, out var length);
            if (status != OperationStatus.Done)
            {
                return status == OperationStatus.NeedMoreData && !isWhole;
            }

            bytes = bytes[length..];
        }

        return true;
    }

    public sealed class Model : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Model()
        {
            var source = TokenizerSource.Open(SharedData.Path("tokenizers/llama2"));
            Tokens = TokenBytes.Of(source.Tokenizer);
            Trie = GrammarConstraint.TrieOf(source.Tokenizer);
            Llama = new LlamaCpp(TokenizerFile.Write(source, Rows, _folder), tokenizerOnly: true);
        }

        public IReadOnlyList<byte[]?> Tokens { get; }

        internal LlamaCpp Llama { get; }

        internal TokenTrie Trie { get; }

        public void Dispose()
        {
            Llama.Dispose();
            _folder.Dispose();
        }
    }
}
