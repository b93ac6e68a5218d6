namespace Rebound.Inference.Scheduling;

/// <summary>The sizes that decoding batches are padded to: few, so that recordings of them serve again.</summary>
internal static class DecodingSizes
{
    /// <summary>The most documents that a batch is padded by.</summary>
    public const int MostPadding = 127;

    /// <summary>The smallest size of at least so many documents.</summary>
    public static int Padded(int documents)
    {
        var step = documents switch
        {
            <= 2 => 1,
            <= 4 => 2,
            <= 8 => 4,
            <= 64 => 8,
            <= 128 => 16,
            <= 256 => 32,
            <= 512 => 64,
            _ => 128,
        };
        return (documents + step - 1) / step * step;
    }
}
