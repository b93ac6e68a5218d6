using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tools;

/// <summary>
/// Replays a tool's observations from recorded trajectories, so that an evaluation is deterministic and needs no network. Other
/// arguments go to a fallback tool, where there is one.
/// </summary>
public sealed class ReplayTool : AIFunction
{
    private static readonly JsonElement AnyText =
        JsonSerializer.SerializeToElement(
            new { type = "object", properties = new { argument = new { type = "string" } }, required = new[] { "argument" } });

    private readonly Dictionary<string, string> _observations;
    private readonly AIFunction? _fallback;

    /// <param name="name">The tool that is replayed.</param>
    /// <param name="observations">Recorded observations by argument.</param>
    /// <param name="fallback">The tool for other arguments; null for none.</param>
    public ReplayTool(string name, IReadOnlyDictionary<string, string> observations, AIFunction? fallback = null) =>
        (Name, _observations, _fallback) = (name, new Dictionary<string, string>(observations, StringComparer.Ordinal), fallback);

    public override string Name { get; }

    public override string Description => _fallback?.Description ?? $"answers as {Name} was recorded to answer";

    public override JsonElement JsonSchema => _fallback?.JsonSchema ?? AnyText;

    public int Count => _observations.Count;

    /// <summary>Collects a tool's observations from trajectories; of several for one argument the first counts.</summary>
    public static async Task<Dictionary<string, string>> CollectAsync(
        string tool, IAsyncEnumerable<Trajectory> trajectories, CancellationToken cancellation = default)
    {
        var observations = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var trajectory in trajectories.WithCancellation(cancellation))
        {
            foreach (var (argument, observation) in Observed(tool, trajectory))
            {
                observations.TryAdd(argument, observation);
            }
        }

        return observations;
    }

    /// <summary>A tool's calls in a trajectory, with what was observed of each.</summary>
    public static IEnumerable<(string Argument, string Observation)> Observed(string tool, Trajectory trajectory)
    {
        foreach (var native in CalledNatively(tool, trajectory.Turns))
        {
            yield return native;
        }

        foreach (var (said, observed) in trajectory.Turns.Zip(trajectory.Turns.Skip(1)))
        {
            if (said.Role == Roles.Assistant
                && observed.Content.StartsWith(AgentLoop.Observation, StringComparison.Ordinal)
                && ReferenceActions.Parse(said.Content) is { Argument: { } argument } turn
                && turn.Tool == tool)
            {
                yield return (argument, observed.Content[AgentLoop.Observation.Length..]);
            }
        }
    }

    /// <summary>The tool's native calls with their results, which follow in the calls' order where they have no ids.</summary>
    private static IEnumerable<(string Argument, string Observation)> CalledNatively(string tool, IReadOnlyList<Turn> turns)
    {
        foreach (var (index, said) in turns.Index().Where(turn => turn.Item.ToolCalls.Count > 0))
        {
            var results = turns.Skip(index + 1).TakeWhile(turn => turn.Role == Roles.Tool).ToArray();
            foreach (var (place, call) in said.ToolCalls.Index().Where(call => call.Item.Name == tool))
            {
                if (ToolCalls.ResultOf(call, place, results) is { } result && ArgumentOf(call) is { } argument)
                {
                    yield return (argument, result.Content);
                }
            }
        }
    }

    private static string? ArgumentOf(ToolCall call)
    {
        try
        {
            return ToolArguments.Text(ToolArguments.ReadObject(call.Name, call.Arguments));
        }
        catch (ToolArgumentException)
        {
            return null;
        }
    }

    /// <summary>Asks for what was observed of an argument.</summary>
    /// <exception cref="ToolException">Nothing was, and there is no other tool to ask.</exception>
    public async Task<string> InvokeAsync(string argument, CancellationToken cancellation = default) =>
        await InvokeAsync(ToolArguments.OfAction(this, argument), cancellation) as string ?? "";

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var text = ToolArguments.Text(arguments);
        return _observations.TryGetValue(text, out var observation) ? observation
            : _fallback is not null ? await _fallback.InvokeAsync(arguments, cancellationToken)
            : throw ToolException.Public($"no recorded observation of {Name}[{text}].");
    }
}
