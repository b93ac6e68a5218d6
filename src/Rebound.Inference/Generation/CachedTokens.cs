namespace Rebound.Inference.Generation;

/// <summary>The tokens of one row of a batch, and the cache's pages that hold their keys and values.</summary>
internal sealed class CachedTokens
{
    private readonly int[] _tokens;

    /// <param name="added">Most tokens that are added to the prompt.</param>
    public CachedTokens(int[] prompt, int added)
    {
        _tokens = new int[prompt.Length + added];
        prompt.CopyTo(_tokens, 0);
        PromptLength = Length = prompt.Length;
    }

    public int PromptLength { get; }

    /// <summary>Prompt and what is generated so far.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Tokens so far.</summary>
    public int Length { get; private set; }

    public bool IsFull => Length == _tokens.Length;

    /// <summary>The last token is never fed back, so its keys and values need no place.</summary>
    public int PagesNeeded => KeyValueCache.PagesFor(_tokens.Length - 1);

    /// <summary>Empty while the row is not in the cache.</summary>
    public int[] Pages { get; set; } = [];

    /// <summary>The first of <see cref="Pages"/>, as far as other rows may read them too.</summary>
    public List<PrefixPage> Prefix { get; } = [];

    /// <summary>Tokens of the prompt that were in the cache when the row was admitted.</summary>
    public int Reused { get; set; }

    public void Append(int token) => _tokens[Length++] = token;
}
