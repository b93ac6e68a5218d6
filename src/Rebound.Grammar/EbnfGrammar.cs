using Rebound.Grammar.Automata;
using Rebound.Grammar.Ebnf;

namespace Rebound.Grammar;

/// <summary>
/// A context-free grammar as an automaton over UTF-8 bytes: every text that it takes to its end is derived from the rule <c>root</c>.
/// <c>docs/structured-output.md</c> has the notation, that of llama.cpp's GBNF and of xgrammar's EBNF. One thread uses it at a time.
/// </summary>
public sealed class EbnfGrammar : ByteGrammar
{
    private EbnfGrammar(NodeTable table, Node start)
        : base(table, start) => table.WorkLeft = long.MaxValue;

    /// <summary>Compiles rules such as <c>root ::= "yes" | "no"</c>.</summary>
    /// <exception cref="GrammarException">The text is no grammar, is too large, or derives no text.</exception>
    public static EbnfGrammar Compile(string grammar, EbnfGrammarOptions? options = null)
    {
        options ??= new EbnfGrammarOptions();
        options.Validate();
        if (grammar.Length > options.MaxLength)
        {
            throw GrammarException.OfGrammar($"it has {grammar.Length} characters, and may have {options.MaxLength}; shorten it.");
        }

        var table = new NodeTable(options.MaxDepth, sharesStacks: true);
        try
        {
            var source = new EbnfSource(grammar);
            var start = EbnfCompiler.Compile(new EbnfRules(source, EbnfReader.Read(source, options.MaxRules)), table, options);
            ReadingProbe.Check(table, start);
            return new EbnfGrammar(table, start);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw GrammarException.OfGrammar("its parts follow each other in too long a row; give some of them a rule.", e);
        }
    }
}
