using System.Text.Json.Nodes;

namespace Rebound.Cli.Tests;

/// <summary>What an episode comes to, whatever shared its batches.</summary>
internal static class EpisodeTurns
{
    /// <summary>The turns of an episode's row, without log-probabilities, whose last digit may depend on the batch.</summary>
    public static string Of(JsonNode row)
    {
        var turns = row["conversations"]!.DeepClone().AsArray();
        foreach (var turn in turns)
        {
            turn!["generated"]?.AsObject().Remove("logprobs");
        }

        return turns.ToJsonString();
    }
}
