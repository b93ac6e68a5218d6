using Rebound.Text.Loading;
using Rebound.Text.PreTokenization;

namespace Rebound.Text.Decoding;

/// <summary>Metaspace's replacement back to spaces; in the first token it is dropped, unless none was prepended.</summary>
internal sealed class MetaspaceDecoder(string replacement, bool dropsInFirst) : TokenDecoder
{
    public static MetaspaceDecoder From(JsonFields fields)
    {
        fields.Boolean("split", absent: true);
        return new MetaspaceDecoder(
            fields.Character("replacement"), MetaspacePreTokenizer.ReadScheme(fields) != PrependScheme.Never);
    }

    public override TextSink Open(TextSink next) => new Stream(replacement, dropsInFirst, next);

    private sealed class Stream(string replacement, bool dropsInFirst, TextSink next) : TextSink
    {
        private readonly WholeTokens _tokens = new();
        private bool _drops = dropsInFirst;

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            if (_tokens.TryTake(fragment, endsToken, out var token))
            {
                next.Accept(token.ToString().Replace(replacement, _drops ? "" : " ", StringComparison.Ordinal), endsToken: true);
                _drops = false;
            }
        }

        public override void Complete() => next.Complete();
    }
}
