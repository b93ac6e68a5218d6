namespace Rebound.Engine;

/// <summary>The heads of an attention layer.</summary>
/// <param name="QueryHeads">H; a multiple of <paramref name="KeyValueHeads"/>.</param>
/// <param name="KeyValueHeads">KvH.</param>
/// <param name="HeadDim">Elements of a head; even.</param>
/// <param name="Scale">What scores are multiplied by, usually 1/√HeadDim.</param>
/// <param name="Window">Sliding window in tokens, the token itself included; 0 for none.</param>
public readonly record struct AttentionShape(int QueryHeads, int KeyValueHeads, int HeadDim, float Scale, int Window = 0)
{
    /// <summary>H + 2·KvH: the heads of a fused query-key-value row.</summary>
    public int FusedHeads => QueryHeads + (2 * KeyValueHeads);

    /// <summary>Query heads that share one key and value head.</summary>
    public int GroupSize => QueryHeads / KeyValueHeads;
}
