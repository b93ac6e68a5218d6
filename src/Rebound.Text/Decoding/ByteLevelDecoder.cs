using System.Text;
using Rebound.Text.Bpe;

namespace Rebound.Text.Decoding;

/// <summary>
/// Byte-level pieces back to bytes, and those from UTF-8 to text. A token with a character outside of the byte alphabet
/// (an added token) stands for its own text. All tokens become one.
/// </summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override TextSink Open(TextSink next) => new Stream(next);

    private sealed class Stream(TextSink next) : TextSink
    {
        private readonly WholeTokens _tokens = new();
        private readonly Utf8Assembler _assembler = new();
        private byte[] _bytes = new byte[64];

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            if (_tokens.TryTake(fragment, endsToken, out var token))
            {
                next.Accept(_assembler.Append(BytesOf(token)), endsToken: false);
            }
        }

        public override void Complete()
        {
            next.Accept(_assembler.Finish(), endsToken: true);
            next.Complete();
        }

        private ReadOnlySpan<byte> BytesOf(ReadOnlySpan<char> token)
        {
            if (_bytes.Length < 3 * token.Length)
            {
                _bytes = new byte[3 * token.Length];
            }

            for (var i = 0; i < token.Length; i++)
            {
                var value = ByteAlphabet.ByteOf(token[i]);
                if (value < 0)
                {
                    return _bytes.AsSpan(0, Encoding.UTF8.GetBytes(token, _bytes));
                }

                _bytes[i] = (byte)value;
            }

            return _bytes.AsSpan(0, token.Length);
        }
    }
}
