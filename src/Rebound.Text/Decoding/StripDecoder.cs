using System.Text;

namespace Rebound.Text.Decoding;

/// <summary>Takes a character off the ends of each token.</summary>
/// <param name="character">The character.</param>
/// <param name="start">How many of it at most from the token's beginning.</param>
/// <param name="stop">How many of it at most from the token's end.</param>
internal sealed class StripDecoder(string character, int start, int stop) : TokenDecoder
{
    public override TextSink Open(TextSink next) => new Stream(this, next);

    private int Start => start;

    private int Stop => stop;

    private string Character => character;

    private sealed class Stream(StripDecoder decoder, TextSink next) : TextSink
    {
        private int _mayStrip = decoder.Start;
        private int _heldBack;

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            var character = decoder.Character;
            while (_mayStrip > 0 && fragment.StartsWith(character))
            {
                fragment = fragment[character.Length..];
                _mayStrip--;
            }

            if (fragment.Length > 0)
            {
                _mayStrip = 0;
            }

            var rest = fragment;
            var trailing = 0;
            while (rest.EndsWith(character))
            {
                rest = rest[..^character.Length];
                trailing++;
            }

            if (rest.Length > 0)
            {
                Release(_heldBack);
                next.Accept(rest, endsToken: false);
                _heldBack = 0;
            }

            _heldBack += trailing;
            Release(_heldBack - decoder.Stop);
            _heldBack = Math.Min(_heldBack, decoder.Stop);
            if (endsToken)
            {
                next.Accept([], endsToken: true);
                _heldBack = 0;
                _mayStrip = decoder.Start;
            }
        }

        public override void Complete() => next.Complete();

        private void Release(int count)
        {
            if (count > 0)
            {
                next.Accept(new StringBuilder().Insert(0, decoder.Character, count).ToString(), endsToken: false);
            }
        }
    }
}
