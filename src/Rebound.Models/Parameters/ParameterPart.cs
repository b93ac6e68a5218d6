namespace Rebound.Models.Parameters;

/// <summary>
/// One of the equal parts into which every block of parameters is divided, one for each rank of a run (ZeRO, Rajbhandari et al. 2020,
/// arXiv 1910.02054).
/// </summary>
/// <param name="Index">0 to <paramref name="Count"/> − 1: the rank.</param>
/// <param name="Count">Parts in all.</param>
public sealed record ParameterPart(int Index, int Count)
{
    /// <summary>The only part of parameters that are not divided.</summary>
    public static ParameterPart Whole { get; } = new(0, 1);
}
