namespace Rebound.Inference.Generation;

/// <summary>
/// Seeds for requests that bring none: SplitMix64's steps, which lie far from each other. Safe to use from several threads.
/// </summary>
public sealed class SeedSequence(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private long _taken;

    public ulong Next() => seed + (Step * (ulong)Interlocked.Increment(ref _taken));
}
