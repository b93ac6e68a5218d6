using System.Text;
using Rebound.Text.Decoding;

namespace Rebound.Text;

/// <summary>
/// Decodes ids as they are generated. What <see cref="Append"/> and the final <see cref="Flush"/> return, put together, is
/// what <see cref="Tokenizer.Decode"/> gives for all ids at once; nothing is returned that a later id may still change, so
/// never half a character.
/// </summary>
public sealed class IncrementalDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly Collector _collector = new();
    private TextSink _stream;

    internal IncrementalDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        (_tokenizer, _skipSpecialTokens) = (tokenizer, skipSpecialTokens);
        _stream = tokenizer.Decoder.Open(_collector);
    }

    /// <summary>Takes the next id and returns the text that is certain by now, often empty.</summary>
    public string Append(int id)
    {
        Push(id);
        return _collector.Take();
    }

    /// <summary>Ends the text and returns what was held back; the next id begins a new text.</summary>
    public string Flush()
    {
        _stream.Complete();
        _stream = _tokenizer.Decoder.Open(_collector);
        return _collector.Take();
    }

    internal void Push(int id)
    {
        if (_tokenizer.TextToDecode(id, _skipSpecialTokens) is { } token)
        {
            _stream.Accept(token, endsToken: true);
        }
    }

    private sealed class Collector : TextSink
    {
        private readonly StringBuilder _text = new();

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken) => _text.Append(fragment);

        public override void Complete()
        {
        }

        public string Take()
        {
            if (_text.Length == 0)
            {
                return "";
            }

            var text = _text.ToString();
            _text.Clear();
            return text;
        }
    }
}
