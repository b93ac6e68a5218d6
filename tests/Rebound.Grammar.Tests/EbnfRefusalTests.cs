namespace Rebound.Grammar.Tests;

/// <summary>Grammars that cannot be held to, each refused by name, line and column.</summary>
public sealed class EbnfRefusalTests
{
    [Theory]
    [InlineData("", "line 1, column 1: the rule 'root' is not there")]
    [InlineData("yes | no", "line 1, column 5: the rule 'yes' lacks its ::=; here is '|'")]
    [InlineData("root ::= \"a\"\n?start: b", "line 2, column 7: ':' is no part")]
    [InlineData("start: \"a\"", "line 1, column 6: the rule 'start' lacks its ::=")]
    [InlineData("item ::= \"a\"", "the rule 'root' is not there")]
    [InlineData("root ::= \"a\"\n  itme", "line 2, column 3: the rule 'itme' is not there; write itme ::= …")]
    [InlineData("root ::= \"a\"\nrest ::= other", "line 2, column 10: the rule 'other' is not there")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: the rule 'root' is there twice")]
    [InlineData("root ::= a b ::= \"x\"", "line 1, column 12: the rule 'b' begins in the midst of a line")]
    [InlineData("root ::= \"a\" root", "line 1, column 1: the rule 'root' never comes to an end")]
    [InlineData("root ::= \"a\"\nx ::= y\ny ::= x | \"b\" y", "line 2, column 1: the rule 'x' never comes to an end")]
    [InlineData("root ::= root", "never comes to an end")]
    [InlineData("root ::= \"a", "line 1, column 10: this text lacks its end")]
    [InlineData("root ::= [a", "line 1, column 10: this class lacks its end")]
    [InlineData("root ::= [b-a]", "line 1, column 11: the range b-a does not ascend")]
    [InlineData("root ::= []", "this class has no character")]
    [InlineData("root ::= [^\\x00-\\U0010FFFF]", "this class has no character")]
    [InlineData("root ::= \"\\q\"", "line 1, column 11: the escape \\q is unknown")]
    [InlineData("root ::= \"\\x4\"", "needs 2 hexadecimal digits")]
    [InlineData("root ::= \"\\ud83d\"", "needs 4 hexadecimal digits of a character")]
    [InlineData("root ::= \"\\U00110000\"", "needs 8 hexadecimal digits")]
    [InlineData("root ::= (\"a\"\n\n", "line 1, column 10: this '(' lacks its ')'")]
    [InlineData("root ::= \"a\")", "line 1, column 13: this ')' lacks its '('")]
    [InlineData("root ::= *", "'*' has nothing before it")]
    [InlineData("root ::= \"a\"{3,2}", "{3,2} is no number of times")]
    [InlineData("root ::= \"a\"{99999999999}", "{99999999999} is no number of times")]
    [InlineData("root ::= \"a\"{,2}", "times are written as {2}, {2,} or {2,5}; here is ','")]
    [InlineData("root ::= \"a\"{2", "here is the end")]
    [InlineData("root ::= <think>", "tokens, '<…>' and '!<…>', cannot be kept to")]
    [InlineData("root ::= \"a\" (=\"b\")", "look-ahead, '(=', cannot be kept to")]
    [InlineData("root ::= 'a'", "texts stand between double quotes")]
    [InlineData("root ::= a;\na ::= \"b\"", "line 1, column 11: ';' is no part of a rule")]
    [InlineData("root ::= \"a\"\u0007", "U+0007 is no part of a rule")]
    [InlineData("root ::= x | y{4,} x*\nx ::= [^a] (x y x)* | y \"b\"\ny ::= x* (y | root) | x{1,5} x", "in too many ways")]
    public void A_grammar_that_cannot_be_held_to_is_refused_by_name_and_place(string grammar, string named)
    {
        var problem = Assert.Throws<GrammarException>(() => EbnfGrammar.Compile(grammar));

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("Grammar", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_are_bounded()
    {
        Assert.Contains("has 100001 characters, and may have 100000", Refusal(new string('#', 100_001)));
        Assert.Contains("more than 2000 rules", Refusal("root ::= \"a\"\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"r{i} ::= root\n"))));
        Assert.Contains("more than 2000 rules", Refusal("root ::= r0\n" + string.Concat(Enumerable.Range(0, 50).Select(
            i => $"r{i} ::= r{(i + 1) % 50} \"x\" | \"{i}\"\n"))));
        Assert.Contains("groups are more than 100 deep", Refusal("root ::= " + new string('(', 200) + "\"a\"" + new string(')', 200)));
        Assert.Contains("more than 10 repetitions stand in a row", Refusal("root ::= \"a\"" + new string('?', 20)));
        Assert.Contains("more than 1024 alternatives", Refusal(
            "root ::= " + string.Join(" | ", Enumerable.Range(0, 1100).Select(i => $"\"{i}\" root")) + " | \"x\""));
        Assert.Contains("nest at most 1 deep", Refusal(
            "root ::= p r\np ::= \"z\" | \"(\" q \")\"\nq ::= \"[\" p \"]\" | \"<\" r \">\"\nr ::= \"{\" q \"}\"", new EbnfGrammarOptions { MaxDepth = 1 }));
        Assert.Contains("half a surrogate pair", Refusal("root ::= \"" + '\ud83d' + "\""));
        Assert.Contains("line 2, column 1: what the rule 'x' comes to takes more than 20000 states", Refusal(
            "root ::= x\nx ::= \"(\" x \")\" | y\ny ::= [a-z]* \"a\" [a-z]{100}"));
        Assert.Contains("line 1, column 1: what the rule 'root' comes to takes more than 100 states", Refusal(
            "root ::= [a-z]* \"a\" [a-z]{16}", new EbnfGrammarOptions { MaxStates = 100 }));
        Assert.True(EbnfGrammar.Compile("root ::= ([^\\n]{0,9000} \"\\n\"){500}").Accepts([.. Enumerable.Repeat((byte)'\n', 500)]));
        Assert.Throws<ArgumentException>(() => EbnfGrammar.Compile("root ::= \"a\"", new EbnfGrammarOptions { MaxDepth = 0 }));
    }

    [Theory]
    [InlineData("root ::= ", "\"a\"? ", "\"b\"")]
    [InlineData("root ::= \"(\" root \")\" | ", "root? ", "\"b\"")]
    [InlineData("root ::= ", "x ", "\nx ::= \"a\" x \"b\" | \"\"")]
    [InlineData("root ::= ", "[a-z]* ", "")]
    [InlineData("root ::= \"a\" | \"(\" root \")\" ", "| x ", "\nx ::= root \"c\" | \"d\"")]
    public void Long_grammars_are_compiled_or_refused_on_a_small_stack(string before, string part, string after)
    {
        var grammar = before + string.Concat(Enumerable.Repeat(part, 30_000 / part.Length)) + after;
        Exception? problem = null;
        var thread = new Thread(
            () => problem = Record.Exception(() => EbnfGrammar.Compile(grammar).Accepts("aaaaaaaab"u8)), 1 << 20);
        thread.Start();
        thread.Join();

        Assert.True(problem is null or GrammarException, $"{problem}");
    }

    private static string Refusal(string grammar, EbnfGrammarOptions? options = null) =>
        Assert.Throws<GrammarException>(() => EbnfGrammar.Compile(grammar, options)).Message;
}
