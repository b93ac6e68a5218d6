using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Grammar;
using Rebound.Inference.Generation;
using Rebound.Text;

namespace Rebound.Cli.Generate;

/// <summary>The form that answers are held to: a JSON Schema, any JSON object, or a grammar.</summary>
internal static class AnswerForm
{
    public static readonly Option<string?> Schema = new("--json-schema")
    {
        Description = "Answer with JSON that this JSON Schema finds valid",
        HelpName = "FILE",
    };

    public static readonly Option<bool> Object = new("--json-object") { Description = "Answer with a JSON object" };

    public static readonly Option<string?> Rules = new("--grammar")
    {
        Description = "Answer with a text that this grammar (GBNF, as llama.cpp's) derives",
        HelpName = "FILE",
    };

    /// <summary>The grammar that is asked for; null for none.</summary>
    /// <exception cref="InputException">Several are asked for, or a file holds none that can be held to.</exception>
    public static ByteGrammar? Read(CommandContext context)
    {
        var (schema, rules, isObject) = (context.Get(Schema), context.Get(Rules), context.Get(Object));
        if (new[] { schema is not null, rules is not null, isObject }.Count(given => given) > 1)
        {
            throw new InputException($"Give one of {Schema.Name}, {Object.Name} and {Rules.Name}: each says the whole form of the answer.");
        }

        return schema is not null ? Compile(schema, text => JsonGrammar.Compile(text))
            : rules is not null ? Compile(rules, text => EbnfGrammar.Compile(text))
            : isObject ? JsonGrammar.AnyObject()
            : null;
    }

    /// <summary>The constraint that holds a model to a grammar; null for none.</summary>
    public static GrammarConstraint? Constraint(ByteGrammar? grammar, Tokenizer tokenizer) =>
        grammar is null ? null : new GrammarConstraint(grammar, GrammarConstraint.TrieOf(tokenizer));

    private static ByteGrammar Compile(string file, Func<string, ByteGrammar> compile)
    {
        PathChecks.RequireInput(file);
        try
        {
            return compile(File.ReadAllText(file));
        }
        catch (GrammarException e)
        {
            throw new InputException($"{file}: {e.Message}", e);
        }
    }
}
