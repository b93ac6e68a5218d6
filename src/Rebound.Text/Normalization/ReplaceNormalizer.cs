using System.Text;
using Rebound.Text.Loading;
using Rebound.Text.Patterns;
using Rebound.Text.PreTokenization;

namespace Rebound.Text.Normalization;

/// <summary>Replaces every match of a pattern by a fixed string.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    public static ReplaceNormalizer From(JsonFields fields) =>
        new(TextPattern.Read(fields.Object("pattern")), fields.String("content"));

    public override string Normalize(string text, ref int head)
    {
        if (pattern is LiteralPattern literal)
        {
            MoveHead(text, ref head);
            return text.Replace(literal.Literal, content, StringComparison.Ordinal);
        }

        StringBuilder? result = null;
        var copied = 0;
        var search = new PatternSearch();
        while (pattern.TryFindNext(text, ref search, out var start, out var end))
        {
            result ??= new StringBuilder();
            result.Append(text, copied, start - copied);
            head = InputStart.AfterReplacing(head, result.Length, result.Length + end - start, content.Length);
            result.Append(content);
            copied = end;
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    public override bool LeavesUnchanged(ReadOnlySpan<char> text)
    {
        var search = new PatternSearch();
        return !pattern.TryFind(text, ref search, out _, out _);
    }

    /// <summary>Looks at the matches within the head alone.</summary>
    private void MoveHead(string text, ref int head)
    {
        var search = new PatternSearch();
        for (var moved = 0; head > 0 && pattern.TryFindNext(text, ref search, out var start, out var end) && start + moved < head;)
        {
            head = InputStart.AfterReplacing(head, start + moved, end + moved, content.Length);
            moved += content.Length - (end - start);
        }
    }
}
