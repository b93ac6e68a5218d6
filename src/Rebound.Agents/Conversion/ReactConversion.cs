using System.Text.Json;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Conversion;

/// <summary>
/// Converts native calls to text, for models whose chat template has none: <c>Thought: …</c> and <c>Action: tool[argument]</c>, results
/// to <c>Observation: …</c>, a final answer to <c>finish</c>. Several calls of a turn become successive turns.
/// </summary>
public static class ReactConversion
{
    private const string Thought = "Thought: ";
    private const string Action = "Action: ";

    /// <summary>The trajectory as text; as it is where it calls no tools and offers none.</summary>
    public static Trajectory Convert(Trajectory trajectory)
    {
        if (trajectory.Tools is null && !trajectory.Turns.Any(turn => turn.ToolCalls.Count > 0))
        {
            return trajectory;
        }

        var turns = new List<Turn>();
        for (var i = 0; i < trajectory.Turns.Count;)
        {
            i += Add(turns, trajectory.Turns, i);
        }

        return trajectory with { Tools = null, Turns = trajectory.Tools is { } tools ? ToolPrompt.Tell(turns, tools) : turns };
    }

    /// <summary>Adds a turn, and the results of its calls with it.</summary>
    /// <returns>How many turns were read.</returns>
    private static int Add(List<Turn> turns, IReadOnlyList<Turn> all, int index)
    {
        var turn = all[index];
        if (turn.Role == Roles.Tool)
        {
            turns.Add(Observation(turn.Content));
            return 1;
        }

        if (turn.Role != Roles.Assistant)
        {
            turns.Add(turn);
            return 1;
        }

        if (turn.ToolCalls.Count == 0)
        {
            turns.Add(Said(turn, "", $"{ToolSet.Finish}[{turn.Content}]"));
            turns.Add(new Turn(Roles.User, AgentLoop.Finished, Loss: false));
            return 1;
        }

        var results = all.Skip(index + 1).TakeWhile(next => next.Role == Roles.Tool).ToArray();
        foreach (var (place, call) in turn.ToolCalls.Index())
        {
            turns.Add(Said(turn, place == 0 ? turn.Content : "", $"{call.Name}[{Argument(call)}]"));
            if (ToolCalls.ResultOf(call, place, results) is { } result)
            {
                turns.Add(
                    call.Name == ToolSet.Finish ? new Turn(Roles.User, AgentLoop.Finished, Loss: false) : Observation(result.Content));
            }
        }

        return 1 + results.Length;
    }

    private static Turn Said(Turn turn, string thought, string action)
    {
        var text = thought.Trim() is { Length: > 0 } said
            ? (said.StartsWith(Thought, StringComparison.OrdinalIgnoreCase) ? "" : Thought) + said + "\n" + Action + action
            : Action + action;
        return new Turn(Roles.Assistant, text, turn.Loss);
    }

    private static Turn Observation(string text) => new(Roles.User, AgentLoop.Observation + text, Loss: false);

    /// <summary>The value of the only argument where it is a text, and otherwise the JSON object.</summary>
    private static string Argument(ToolCall call)
    {
        try
        {
            var given = ToolArguments.ReadObject(call.Name, call.Arguments);
            return given.EnumerateObject().ToArray() is [{ Value.ValueKind: JsonValueKind.String }] or []
                ? ToolArguments.Text(given)
                : given.GetRawText();
        }
        catch (ToolArgumentException)
        {
            return call.Arguments;
        }
    }
}
