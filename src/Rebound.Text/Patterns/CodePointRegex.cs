using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>
/// A regular expression over code points, with the meaning that Oniguruma gives it: a backtracking machine whose stack is
/// its own, so that no text overflows the thread's. The runtime's engine sees UTF-16 units instead, and takes every
/// letter beyond the Basic Multilingual Plane for two characters of no category. Immutable.
/// </summary>
internal sealed class CodePointRegex(string pattern) : TextPattern
{
    private readonly PatternProgram _program = PatternProgram.Compile(PatternParser.Parse(pattern));

    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        var matcher = new PatternMatcher();
        for (start = from; start <= text.Length;)
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
