using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Rebound.Bench;

/// <summary>The kernels that a peer multiplies matrices with on this processor.</summary>
/// <param name="Kernels">Library and kernels, by their own word.</param>
/// <param name="GigaFlops">Of a product of 1024³, at best.</param>
/// <param name="Error">Of that product beside one in fp64, relative to its largest value.</param>
internal sealed partial record PeerBlas(string Kernels, double GigaFlops, double Error)
{
    /// <summary>Null where the peer does not run; why is on the error output then.</summary>
    /// <param name="arguments">That make it multiply, and print <c>kernel</c>, <c>gflops</c> and <c>error</c> as JSON.</param>
    public static PeerBlas? Probe(string program, params string[] arguments)
    {
        // MKL says on the first line what it takes the processor for.
        Environment.SetEnvironmentVariable("MKL_VERBOSE", "1");
        var lines = Peer.Run(program, arguments);
        Environment.SetEnvironmentVariable("MKL_VERBOSE", null);
        if (lines.Length == 0)
        {
            return null;
        }

        var (json, mkl) = (JsonNode.Parse(lines[^1])!, MklLine().Match(lines[0]));
        return new PeerBlas(
            mkl.Success ? $"{mkl.Groups["version"]} for {mkl.Groups["processors"]}" : (string)json["kernel"]!,
            (double)json["gflops"]!,
            (double)json["error"]!);
    }

    public override string ToString() => $"{Kernels}: {GigaFlops:0} GFLOP/s";

    [GeneratedRegex(@"^MKL_VERBOSE (?<version>.+?) Product build \d+ for Intel\(R\) 64 architecture (?<processors>.+?), (Lnx|Win|OSX)",
        RegexOptions.NonBacktracking)]
    private static partial Regex MklLine();
}
