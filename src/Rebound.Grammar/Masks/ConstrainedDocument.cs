using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Masks;

/// <summary>One document while its tokens come.</summary>
public sealed class ConstrainedDocument
{
    private readonly TokenMasks _masks;
    private Node _state;

    public ConstrainedDocument(TokenMasks masks) => (_masks, _state) = (masks, masks.Start);

    /// <summary>Whether the document is whole, so that it may end.</summary>
    public bool IsComplete => _state.IsNullable;

    /// <summary>The tokens that may come next: [⌈V / 64⌉], token t is bit t mod 64 of word t / 64. At least one is set.</summary>
    public ReadOnlyMemory<ulong> Allowed => _masks.Of(_state);

    /// <summary>Takes a token; one that ends the document changes nothing.</summary>
    /// <exception cref="ArgumentException">It may not come here.</exception>
    public void Advance(int token)
    {
        if (!_masks.IsEnd(token))
        {
            _state = _masks.Follow(_state, token) ?? throw new ArgumentException($"Token {token} may not come here.", nameof(token));
        }
    }
}
