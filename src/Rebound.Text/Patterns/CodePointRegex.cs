namespace Rebound.Text.Patterns;

/// <summary>
/// A regular expression over code points, with the meaning that Oniguruma gives it. The runtime's engine sees UTF-16 units
/// instead, and takes every letter beyond the Basic Multilingual Plane for two characters of no category. Immutable.
/// </summary>
/// <param name="remembersAtOnce">Whether a search remembers from its first step on, instead of once it has taken many.</param>
internal sealed class CodePointRegex(string pattern, bool remembersAtOnce = false) : TextPattern
{
    private readonly PatternProgram _program = PatternCompiler.Compile(PatternParser.Parse(pattern));

    /// <exception cref="TokenizerException">The pattern takes too many steps on this text.</exception>
    public override bool TryFind(ReadOnlySpan<char> text, ref PatternSearch search, out int start, out int end)
    {
        var matcher = search.Matcher ??= new PatternMatcher(pattern, text.Length, remembersAtOnce);
        for (start = search.From; start <= text.Length;)
        {
            end = matcher.Match(_program, text, start);
            if (end >= 0)
            {
                return true;
            }

            start = After(text, start);
        }

        end = start;
        return false;
    }
}
