using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Rebound.Text.Decoding;

/// <summary>
/// Pieces like <c>&lt;0xE2&gt;</c> back to bytes. A run of them that is UTF-8 becomes its text; one that is not becomes a
/// U+FFFD for every byte, the good ones too, so a run is held back until it ends.
/// </summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    public override TextSink Open(TextSink next) => new Stream(next);

    private sealed class Stream(TextSink next) : TextSink
    {
        private readonly WholeTokens _tokens = new();
        private readonly List<byte> _run = [];

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            if (!_tokens.TryTake(fragment, endsToken, out var token))
            {
                return;
            }

            if (TryParse(token, out var value))
            {
                _run.Add(value);
                return;
            }

            EndRun();
            next.Accept(token, endsToken: true);
        }

        public override void Complete()
        {
            EndRun();
            next.Complete();
        }

        private void EndRun()
        {
            if (_run.Count == 0)
            {
                return;
            }

            var bytes = _run.ToArray();
            _run.Clear();
            if (Utf8.IsValid(bytes))
            {
                next.Accept(Encoding.UTF8.GetString(bytes), endsToken: true);
                return;
            }

            foreach (var _ in bytes)
            {
                next.Accept("\uFFFD", endsToken: true);
            }
        }

        private static bool TryParse(ReadOnlySpan<char> token, out byte value)
        {
            value = 0;
            return token is ['<', '0', 'x', _, _, '>']
                && byte.TryParse(token[3..5], NumberStyles.AllowHexSpecifier, null, out value);
        }
    }
}
