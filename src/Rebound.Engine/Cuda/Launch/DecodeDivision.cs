namespace Rebound.Engine.Cuda;

/// <summary>How attention of decoding divides the keys of a row and a group of heads (decode_attention.cu).</summary>
/// <param name="Warps">Warps of a block, which share its keys.</param>
/// <param name="Splits">Blocks that share a row's pages.</param>
internal readonly record struct DecodeDivision(int Warps, int Splits)
{
    /// <summary>Warps where results may not depend on the batch.</summary>
    public const int InvariantWarps = 4;

    private const int MostWarps = 16;

    /// <summary>More splits of a row cost more to join than they hide.</summary>
    private const int MostSplits = 64;

    /// <summary>
    /// Where there are many rows and groups, a block of four warps for each is enough, and joins nothing. Fewer of them are divided
    /// over blocks of more warps, each with enough pages for all of its warps: of one sequence with few heads over few blocks, as what a
    /// block waits for, not what it reads, takes the time then.
    /// </summary>
    /// <param name="blocks">Rows times groups of heads.</param>
    /// <param name="pages">The most pages that a row sees.</param>
    public static DecodeDivision Of(int blocks, int pages, int multiprocessors)
    {
        if (blocks >= 2 * multiprocessors)
        {
            return new DecodeDivision(InvariantWarps, Math.Clamp(8 * multiprocessors / blocks, 1, Math.Min(pages, MostSplits)));
        }

        var warps = 16 * blocks >= multiprocessors ? MostWarps / 2 : MostWarps;
        var wanted = ((2 * multiprocessors) + blocks - 1) / blocks;
        return new DecodeDivision(warps, Math.Clamp(wanted, 1, Math.Min(MostSplits, (pages + (warps / 4) - 1) / (warps / 4))));
    }
}
