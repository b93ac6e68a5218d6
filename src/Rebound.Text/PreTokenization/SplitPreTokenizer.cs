using Rebound.Text.Loading;
using Rebound.Text.Patterns;

namespace Rebound.Text.PreTokenization;

/// <summary>Splits at the matches of a pattern: a literal string or a regular expression.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
{
    public static PreTokenizer From(JsonFields fields)
    {
        var behavior = Splitter.ReadBehavior(fields);
        var invert = fields.Boolean("invert", absent: false);
        var patternFields = fields.Object("pattern");
        if (behavior == SplitBehavior.Isolated
            && patternFields.Has("Regex")
            && WordPattern.Find(patternFields.String("Regex")) is { } words)
        {
            patternFields.Finish();
            return new WordPreTokenizer(words);
        }

        return new SplitPreTokenizer(TextPattern.Read(patternFields), behavior, invert);
    }

    public override void Apply(SplitText text)
    {
        foreach (var piece in text.Pieces)
        {
            var span = text[piece];
            var splitter = new Splitter(text, piece, behavior, invert);
            var search = new PatternSearch();
            while (pattern.TryFindNext(span, ref search, out var start, out var end))
            {
                splitter.Match(start, end);
            }

            splitter.Finish();
        }

        text.Commit();
    }
}

/// <summary>Splits into the words of a pattern that matches everywhere, each isolated.</summary>
internal sealed class WordPreTokenizer(WordPattern pattern) : PreTokenizer
{
    public override void Apply(SplitText text)
    {
        foreach (var piece in text.Pieces)
        {
            pattern.Split(text, piece);
        }

        text.Commit();
    }
}
