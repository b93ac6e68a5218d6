using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Collection;

/// <summary>
/// A row of a collection's file: a trajectory of NATInstruct form, with <c>sample</c>, <c>usage</c> and, where there is more to
/// say of a failure, <c>detail</c>.
/// </summary>
internal sealed record EpisodeRow(string Key, string? Cause, int Steps, long InputTokens, long OutputTokens, JsonObject Content)
{
    private const string Sample = "sample";
    private const string Usage = "usage";
    private const string Input = "input_tokens";
    private const string Output = "output_tokens";

    public static EpisodeRow Of(Attempt attempt, Episode episode)
    {
        var content = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(episode.ToTrajectory());
        content[Sample] = attempt.Sample;
        content[Usage] = new JsonObject
        {
            [Input] = episode.InputTokens,
            [Output] = episode.OutputTokens,
            ["seconds"] = Math.Round(episode.Duration.TotalSeconds, 3),
        };
        if (episode.Detail is { } detail)
        {
            content["detail"] = detail;
        }

        return new EpisodeRow(
            attempt.Key, episode.Cause?.Name(), episode.Turns.Count(turn => turn.Loss), episode.InputTokens, episode.OutputTokens, content);
    }

    /// <exception cref="DataException">The row is none of a collection's.</exception>
    public static EpisodeRow Read(JsonObject content, string file, int line)
    {
        try
        {
            var trajectory = TrajectoryFile.ReadRow(StrictJson.Element(content), file, line, TrajectoryFormat.NatInstruct);
            return new EpisodeRow(
                Attempt.KeyOf(trajectory.Id, trajectory.Source, (int)content[Sample]!),
                trajectory.Outcome.Cause,
                trajectory.Turns.Count(turn => turn.Loss),
                (long)content[Usage]![Input]!,
                (long)content[Usage]![Output]!,
                content);
        }
        catch (Exception e) when (e is NullReferenceException or ArgumentNullException or InvalidOperationException or FormatException)
        {
            throw new DataException(file, line, null, $"is no row of a collection: '{Sample}' or '{Usage}' is missing.", e);
        }
    }
}
