using System.Runtime.Intrinsics.X86;

namespace Rebound.Bench;

/// <summary>
/// The best of OpenBLAS's kernels for this processor: on one that is newer than itself it takes kernels for a Prescott,
/// a fifth as fast as those that the processor could run.
/// </summary>
internal static class OpenBlas
{
    private const string Variable = "OPENBLAS_CORETYPE";

    /// <summary>Kernels count as wrong above it.</summary>
    private const double MostError = 1e-4;

    private const int Rounds = 2;

    /// <summary>
    /// Tries the kernels, says how fast they are, and leaves the fastest that is right in the environment of the peers that follow.
    /// </summary>
    /// <returns>Whether any was right, and the peer runs at all.</returns>
    public static bool UseBest(string python, int threads)
    {
        var tried = new List<(string? Name, PeerBlas Blas)>();
        foreach (var name in Enumerable.Repeat(Names(), Rounds).SelectMany(names => names))
        {
            Environment.SetEnvironmentVariable(Variable, name);
            if (PeerBlas.Probe(python, Peer.Script("blas.py"), $"{threads}") is { } blas)
            {
                tried.Add((name, blas));
                if (!blas.Kernels.StartsWith("OpenBLAS", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }

        var right = tried.Where(candidate => candidate.Blas.Error < MostError).ToArray();
        if (right.Length == 0)
        {
            return false;
        }

        Console.WriteLine($"BLAS of {python}:");
        foreach (var kernels in tried.GroupBy(candidate => candidate.Blas.Kernels))
        {
            var wrong = kernels.Max(candidate => candidate.Blas.Error) < MostError ? "" : ", with wrong results";
            var own = kernels.Any(candidate => candidate.Name is null) ? ", its own choice" : "";
            Console.WriteLine($"  {kernels.MaxBy(candidate => candidate.Blas.GigaFlops).Blas}{wrong}{own}");
        }

        var best = right.MaxBy(candidate => candidate.Blas.GigaFlops);
        Environment.SetEnvironmentVariable(Variable, best.Name);
        Console.WriteLine($"  used: {best.Blas.Kernels}{(best.Name is null ? "" : $" ({Variable}={best.Name})")}");
        return true;
    }

    /// <summary>Null for its own choice, then what this processor's instructions allow.</summary>
    private static IEnumerable<string?> Names()
    {
        yield return null;
        if (Avx512F.IsSupported)
        {
            yield return "SKYLAKEX";
        }

        if (Fma.IsSupported)
        {
            yield return "HASWELL";
            yield return "ZEN";
        }
    }
}
