using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Grammar;
using Rebound.Inference.Generation;
using Rebound.Text;

namespace Rebound.Cli.Generate;

/// <summary>The form that answers are held to: a JSON Schema, or any JSON object.</summary>
internal static class AnswerForm
{
    public static readonly Option<string?> Schema = new("--json-schema")
    {
        Description = "Answer with JSON that this JSON Schema finds valid",
        HelpName = "FILE",
    };

    public static readonly Option<bool> Object = new("--json-object") { Description = "Answer with a JSON object" };

    /// <summary>The grammar that is asked for; null for none.</summary>
    /// <exception cref="InputException">Both are asked for, or the file is no schema that can be held to.</exception>
    public static JsonGrammar? Read(CommandContext context)
    {
        var file = context.Get(Schema);
        if (file is null)
        {
            return context.Get(Object) ? JsonGrammar.AnyObject() : null;
        }

        if (context.Get(Object))
        {
            throw new InputException("Give one of --json-schema and --json-object: a schema says what its object is.");
        }

        PathChecks.RequireInput(file);
        try
        {
            return JsonGrammar.Compile(File.ReadAllText(file));
        }
        catch (GrammarException e)
        {
            throw new InputException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>The constraint that holds a model to a grammar; null for none.</summary>
    public static GrammarConstraint? Constraint(JsonGrammar? grammar, Tokenizer tokenizer) =>
        grammar is null ? null : new GrammarConstraint(grammar, GrammarConstraint.TrieOf(tokenizer));
}
