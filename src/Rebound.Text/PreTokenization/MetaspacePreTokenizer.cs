using Rebound.Text.Loading;

namespace Rebound.Text.PreTokenization;

/// <summary>When Metaspace puts its replacement before a piece that does not begin with it.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>SentencePiece's way: spaces become a visible character, which then begins each word.</summary>
internal sealed class MetaspacePreTokenizer(string replacement, PrependScheme scheme, bool split) : PreTokenizer
{
    public static MetaspacePreTokenizer From(JsonFields fields) =>
        new(fields.Character("replacement"), ReadScheme(fields), fields.Boolean("split", absent: true));

    /// <summary>Reads <c>prepend_scheme</c>, or the older <c>add_prefix_space</c>.</summary>
    public static PrependScheme ReadScheme(JsonFields fields)
    {
        var addPrefixSpace = fields.Boolean("add_prefix_space", absent: true);
        if (fields.Has("str_rep"))
        {
            fields.String("str_rep");
        }

        return fields.String("prepend_scheme", absent: addPrefixSpace ? "always" : "never") switch
        {
            "always" when !addPrefixSpace => throw new TokenizerException(
                $"{fields.Place} says both add_prefix_space false and prepend_scheme always; drop one of them."),
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw fields.UnknownValue("prepend_scheme", other, "always", "first", "never"),
        };
    }

    public override void Apply(SplitText text)
    {
        Rewrite(text);
        if (!split)
        {
            return;
        }

        foreach (var piece in text.Pieces)
        {
            var span = text[piece];
            var splitter = new Splitter(text, piece, SplitBehavior.MergedWithNext, invert: false);
            for (var at = span.IndexOf(replacement); at >= 0;)
            {
                var end = at + replacement.Length;
                splitter.Match(at, end);
                var next = span[end..].IndexOf(replacement);
                at = next < 0 ? -1 : end + next;
            }

            splitter.Finish();
        }

        text.Commit();
    }

    private void Rewrite(SplitText text)
    {
        var head = Math.Min(text.Head, 0);
        foreach (var piece in text.Pieces)
        {
            var span = text[piece];
            var start = text.Append([]);
            var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && text.BeginsInput(piece));
            if (prepends && !span.StartsWith(replacement) && !span.StartsWith(' '))
            {
                text.Append(replacement);
            }

            if (text.BeginsInput(piece))
            {
                var first = span[..Math.Min(piece.Length, text.Head - piece.Start)];
                head = AppendReplaced(text, first);
                span = span[first.Length..];
            }

            text.Add(start, AppendReplaced(text, span));
        }

        text.CommitRewritten(head);
    }

    /// <summary>Appends a stretch with its spaces replaced, and returns how long the text is by now.</summary>
    private int AppendReplaced(SplitText text, ReadOnlySpan<char> span)
    {
        while (span.IndexOf(' ') is >= 0 and var space)
        {
            text.Append(span[..space]);
            text.Append(replacement);
            span = span[(space + 1)..];
        }

        return text.Append(span);
    }
}
