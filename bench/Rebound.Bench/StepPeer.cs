using System.Text.Json.Nodes;

namespace Rebound.Bench;

/// <summary>A program that makes training steps, with what its command line begins with.</summary>
internal sealed record StepPeer(string Program, string[] Arguments)
{
    /// <summary>
    /// The peers that run on this machine; what their matrix products take and reach is printed,
    /// why one does not run is on the error output.
    /// </summary>
    public static IReadOnlyList<StepPeer> Find(string[] arguments, int threads)
    {
        var peers = new List<StepPeer>();
        if (Bench.Arguments.Option(arguments, "--torchsharp") is { } program && PeerBlas.Probe(program, "blas", $"{threads}") is { } blas)
        {
            Console.WriteLine($"BLAS of {program}:\n  {blas}");
            peers.Add(new StepPeer(program, []));
        }

        var python = Bench.Arguments.Option(arguments, "--python") ?? "python3";
        if (OpenBlas.UseBest(python, threads))
        {
            peers.Add(new StepPeer(python, [Peer.Script("train_step.py")]));
        }

        return peers;
    }

    /// <summary>Its full name and the seconds of each step, after one to warm up.</summary>
    public JsonNode? Run(StepShape shape, int steps, int threads) =>
        Peer.RunJson(Program, [.. Arguments, shape.ToJson(), $"{shape.Tokens}", $"{steps}", $"{threads}"]);
}
