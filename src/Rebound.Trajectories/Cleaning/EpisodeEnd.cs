using Rebound.Trajectories.Parsing;

namespace Rebound.Trajectories.Cleaning;

/// <summary>Tells from its turns alone how far an episode came.</summary>
/// <param name="finishTool">The tool by which an agent gives its answer; upper and lower case are the same.</param>
internal sealed class EpisodeEnd(string finishTool)
{
    private const string Observation = "Observation:";

    /// <summary>Whether the assistant has no text and no action.</summary>
    public static bool IsEmpty(Trajectory trajectory) => !trajectory.Turns.Any(turn =>
        turn.Role == Roles.Assistant && (turn.ToolCalls.Count > 0 || !string.IsNullOrWhiteSpace(turn.Content)));

    /// <summary>
    /// Whether the agent came to an answer: its last turn calls the finishing tool, or calls none in an episode without
    /// actions as text (<c>Action: tool[…]</c>), where a text is the answer. The user may have the last word
    /// there, if it asks nothing more; a tool may not.
    /// </summary>
    public bool IsFinished(Trajectory trajectory)
    {
        var said = trajectory.Turns.Where(turn => turn.Role == Roles.Assistant).ToArray();
        return said.Length > 0 && ToolsOf(said[^1]) switch
        {
            [] => !said.Any(turn => ActionOf(turn) is not null) && !Waits(trajectory.Turns[^1]),
            var tools => tools.Any(tool => string.Equals(tool, finishTool, StringComparison.OrdinalIgnoreCase)),
        };
    }

    /// <summary>Whether the agent has still to speak after a turn.</summary>
    private static bool Waits(Turn turn) => turn.Role switch
    {
        Roles.Tool => true,
        Roles.User => turn.Content.Contains('?') || turn.Content.TrimStart().StartsWith(Observation, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private string[] ToolsOf(Turn turn) => turn.ToolCalls.Count > 0
        ? [.. turn.ToolCalls.Select(call => call.Name)]
        : ActionOf(turn) is { } action ? [action] : [];

    /// <summary>The tool of the turn's action, as it is read while an agent runs; null if it has none.</summary>
    private string? ActionOf(Turn turn) => TolerantActions.Parse(turn.Content, [finishTool]).Tool;
}
