namespace Rebound.Text.Decoding;

/// <summary>The end-of-word suffix becomes a space, except in the last token, where it is dropped.</summary>
internal sealed class SuffixDecoder(string suffix) : TokenDecoder
{
    public override TextSink Open(TextSink next) => new Stream(suffix, next);

    private sealed class Stream(string suffix, TextSink next) : TextSink
    {
        private readonly WholeTokens _tokens = new();
        private string? _latest;

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            if (_tokens.TryTake(fragment, endsToken, out var token))
            {
                Release(" ");
                _latest = token.ToString();
            }
        }

        public override void Complete()
        {
            Release("");
            next.Complete();
        }

        private void Release(string replacement)
        {
            if (_latest is not null)
            {
                next.Accept(
                    suffix.Length == 0 ? _latest : _latest.Replace(suffix, replacement, StringComparison.Ordinal), endsToken: true);
            }
        }
    }
}
