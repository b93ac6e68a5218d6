using System.Text;
using Rebound.Text.Loading;
using Rebound.Text.Patterns;

namespace Rebound.Text.Normalization;

/// <summary>Replaces every match of a pattern by a fixed string.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    public static ReplaceNormalizer From(JsonFields fields) =>
        new(TextPattern.Read(fields.Object("pattern")), fields.String("content"));

    public override string Normalize(string text)
    {
        if (pattern is LiteralPattern { Literal.Length: > 0 } literal)
        {
            return text.Replace(literal.Literal, content, StringComparison.Ordinal);
        }

        StringBuilder? result = null;
        var copied = 0;
        int from = 0, lastEnd = -1;
        while (pattern.TryFindNext(text, ref from, ref lastEnd, out var start, out var end))
        {
            result ??= new StringBuilder();
            result.Append(text, copied, start - copied).Append(content);
            copied = end;
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    public override bool LeavesUnchanged(ReadOnlySpan<char> text) => !pattern.TryFind(text, 0, out _, out _);
}
