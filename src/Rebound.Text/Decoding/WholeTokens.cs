using System.Text;

namespace Rebound.Text.Decoding;

/// <summary>Puts tokens that come in fragments together, for steps that need to see each whole.</summary>
internal sealed class WholeTokens
{
    private readonly StringBuilder _begun = new();

    /// <summary>Takes a fragment; true with the whole token if that ends it.</summary>
    public bool TryTake(ReadOnlySpan<char> fragment, bool endsToken, out ReadOnlySpan<char> token)
    {
        token = fragment;
        if (!endsToken)
        {
            _begun.Append(fragment);
            return false;
        }

        if (_begun.Length > 0)
        {
            token = _begun.Append(fragment).ToString();
            _begun.Clear();
        }

        return true;
    }
}
