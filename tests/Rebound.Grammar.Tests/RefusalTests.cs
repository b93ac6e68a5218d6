namespace Rebound.Grammar.Tests;

/// <summary>Schemas that cannot be held to, each refused by name and place.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("""{"type": "array", "uniqueItems": true}""", "'uniqueItems'")]
    [InlineData("""{"properties": {"a": {"not": {"type": "string"}}}}""", "at /properties/a: 'not'")]
    [InlineData("""{"if": {"type": "string"}, "then": {"minLength": 2}}""", "'if'")]
    [InlineData("""{"type": "array", "contains": {"type": "null"}}""", "'contains'")]
    [InlineData("""{"dependentRequired": {"a": ["b"]}}""", "'dependentRequired'")]
    [InlineData("""{"type": "number", "multipleOf": 0.3}""", "multipleOf")]
    [InlineData("""{"type": "string", "format": "iri"}""", "the format 'iri'")]
    [InlineData("""{"type": "string", "pattern": "(a)\\1"}""", "references back")]
    [InlineData("""{"type": "string", "pattern": "\\bword\\b"}""", "words' ends")]
    [InlineData("""{"type": "string", "pattern": "(?<=a)b"}""", "looks behind")]
    [InlineData("""{"type": "string", "pattern": "a(?=b)c"}""", "look-ahead in the midst")]
    [InlineData("""{"type": "string", "pattern": "(a"}""", "a group without its end")]
    [InlineData("""{"type": "string", "pattern": "a)"}""", "')' without its beginning")]
    [InlineData("""{"type": "string", "pattern": "[b-a]"}""", "does not ascend")]
    [InlineData("""{"type": "string", "pattern": "\\p{Greek}"}""", "general categories")]
    [InlineData("""{"type": "strnig"}""", "the type 'strnig' is unknown")]
    [InlineData("""{"$ref": "https://example.org/schema"}""", "only what is in the schema itself")]
    [InlineData("""{"$ref": "#/$defs/absent"}""", "which the schema does not have")]
    [InlineData("""{"anyOf": [{"$ref": "#"}, {"type": "null"}]}""", "refers to itself")]
    [InlineData("""{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}""", "contradiction, or endless")]
    [InlineData("""{"type": "integer", "minimum": 3, "maximum": 2}""", "contradiction")]
    [InlineData("""{"allOf": [{"type": "string"}, {"type": "null"}]}""", "contradiction")]
    [InlineData("""{"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}""", "options 0 and 1 of 'oneOf'")]
    [InlineData("""{"type": "object", "patternProperties": {"^a": true, "b$": false}}""", "two of 'patternProperties'")]
    [InlineData("""{"type": "object", "minProperties": 3}""", "'minProperties'")]
    [InlineData("""{"minLength": "3"}""", "'minLength' is \"3\"")]
    [InlineData("""{"type": "string", "pattern": "^(a|b)*a(a|b){200}$"}""", "states")]
    [InlineData("[1, 2", "no JSON")]
    [InlineData("3", "an object, true or false")]
    public void A_schema_that_cannot_be_held_to_is_refused_by_name(string schema, string named)
    {
        var problem = Assert.Throws<GrammarException>(() => JsonGrammar.Compile(schema));

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_of_too_many_parts_is_refused()
    {
        var options = string.Join(", ", Enumerable.Range(0, 30).Select(i =>
            $$"""{"anyOf": [{"properties": {"p{{i}}": {"type": "string"} } }, {"properties": {"p{{i}}": {"type": "null"} } }]}"""));

        var problem = Assert.Throws<GrammarException>(() => JsonGrammar.Compile(
            $$"""{"allOf": [{{options}}]}""", new JsonGrammarOptions { MaxRules = 500 }));

        Assert.Contains("combinations of subschemas", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", "a", ")?b")]
    [InlineData("^", "a?", "$")]
    [InlineData("^", "(a|b)*", "c$")]
    [InlineData("^", "\\\\p{L}?", "$")]
    [InlineData("^(", "ab", "){1000}$")]
    public void Long_patterns_are_compiled_or_refused_on_a_small_stack(string before, string part, string after)
    {
        var pattern = before + string.Concat(Enumerable.Repeat(part, 4900 / part.Length)) + after;
        Exception? problem = null;
        var thread = new Thread(() => problem = Record.Exception(() => JsonGrammar.Compile($$"""{"pattern": "{{pattern}}"}""")), 1 << 20);
        thread.Start();
        thread.Join();

        Assert.True(problem is null or GrammarException, $"{problem}");
    }

    [Fact]
    public void Many_properties_are_compiled_or_refused_on_a_small_stack()
    {
        var properties = string.Join(", ", Enumerable.Range(0, 1500).Select(i => $$"""
            "property{{i}}": {"type": "string", "maxLength": {{i + 1}}}
            """));
        Exception? problem = null;
        var thread = new Thread(() => problem = Record.Exception(() => JsonGrammar.Compile(
            $$"""{"type": "object", "properties": { {{properties}} }, "required": ["property7"]}""")), 1 << 20);
        thread.Start();
        thread.Join();

        Assert.IsType<GrammarException>(problem);
    }

    [Fact]
    public void Nesting_ends_at_the_depth_that_the_options_say()
    {
        var grammar = JsonGrammar.Compile("""{"type": "array", "items": {"$ref": "#"}}""", new JsonGrammarOptions { MaxDepth = 4 });

        Assert.True(grammar.Accepts("[[[[]]]]"u8));
        Assert.False(grammar.Accepts("[[[[[]]]]]"u8));
    }

    [Fact]
    public void Lengths_count_code_points_in_any_form()
    {
        var grammar = JsonGrammar.Compile("""{"type": "string", "minLength": 2, "maxLength": 2}""");

        Assert.All(["\"é😀\"", "\"\\ud83d\\ude00x\"", "\"\\n\\u0041\""], text => Assert.True(grammar.Accepts(System.Text.Encoding.UTF8.GetBytes(text))));
        Assert.All(["\"😀\"", "\"abc\"", "\"\\ud83dx\"", "\"a\n\""], text => Assert.False(grammar.Accepts(System.Text.Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void White_space_is_as_the_options_say()
    {
        const string Schema = """{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}""";

        Assert.True(JsonGrammar.Compile(Schema).Accepts("{\"a\": [1, 2]}"u8));
        Assert.False(JsonGrammar.Compile(Schema).Accepts("{\"a\":[1,2]}"u8));
        Assert.True(JsonGrammar.Compile(Schema, new JsonGrammarOptions { Spacing = JsonSpacing.Compact }).Accepts("{\"a\":[1,2]}"u8));
    }
}
