namespace Rebound.Files.Messages;

/// <summary>
/// How deep anything that is read may nest. Every parser that recurses (JSON, YAML, templates, patterns, expressions) keeps to this
/// bound and says so in the same words, so that no input, however it nests, exhausts the stack.
/// </summary>
public static class Nesting
{
    /// <summary>The deepest nesting that is read, in levels.</summary>
    public const int Deepest = 200;

    /// <summary>The end of a sentence that refuses what nests deeper, as in "the pattern nests more than 200 deep".</summary>
    public static readonly string TooDeep = $"nests more than {Deepest} deep";
}
