using Rebound.Grammar.Automata;
using Rebound.Grammar.Schemas;

namespace Rebound.Grammar;

/// <summary>
/// A JSON Schema as an automaton over UTF-8 bytes: every text that it takes to its end is a document that the schema finds valid, with the
/// declared properties in the schema's order and the white space that the options say. <c>docs/structured-output.md</c> says what it holds
/// to. One thread uses it at a time.
/// </summary>
public sealed class JsonGrammar : ByteGrammar
{
    private JsonGrammar(NodeTable table, Node start)
        : base(table, start) => table.WorkLeft = long.MaxValue;

    /// <summary>Compiles a schema of the drafts 7 to 2020-12.</summary>
    /// <exception cref="GrammarException">It is none, is too large, or asks for what the automaton lacks.</exception>
    public static JsonGrammar Compile(string schema, JsonGrammarOptions? options = null)
    {
        options ??= new JsonGrammarOptions();
        options.Validate();
        var table = new NodeTable(options.MaxDepth);
        try
        {
            var start = SchemaCompiler.Compile(SchemaDocument.Parse(schema, options.MaxSchemaLength), table, options);
            return new JsonGrammar(table, start);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new GrammarException(null, "its parts follow each other in too long a row; say it with fewer.", e);
        }
    }

    /// <summary>Any JSON object.</summary>
    public static JsonGrammar AnyObject(JsonGrammarOptions? options = null) => Compile("""{"type": "object"}""", options);
}
