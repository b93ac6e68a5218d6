using Rebound.Text.Patterns;

namespace Rebound.Text.Decoding;

/// <summary>Replaces every match of a pattern within a token by a fixed string.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    /// <summary>A single character is never cut by a fragment's end, so fragments need not wait for their token's end.</summary>
    private readonly bool _worksOnFragments = pattern is LiteralPattern { Literal.Length: 1 };

    public override TextSink Open(TextSink next) => new Stream(this, next);

    private void Replace(ReadOnlySpan<char> text, bool endsToken, TextSink next)
    {
        var copied = 0;
        var search = new PatternSearch();
        while (pattern.TryFindNext(text, ref search, out var start, out var end))
        {
            next.Accept(text[copied..start], endsToken: false);
            next.Accept(content, endsToken: false);
            copied = end;
        }

        next.Accept(text[copied..], endsToken);
    }

    private sealed class Stream(ReplaceDecoder decoder, TextSink next) : TextSink
    {
        private readonly WholeTokens _tokens = new();

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            if (decoder._worksOnFragments)
            {
                decoder.Replace(fragment, endsToken, next);
            }
            else if (_tokens.TryTake(fragment, endsToken, out var token))
            {
                decoder.Replace(token, endsToken: true, next);
            }
        }

        public override void Complete() => next.Complete();
    }
}
