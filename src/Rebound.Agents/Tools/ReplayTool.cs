using Rebound.Agents.Episodes;
using Rebound.Trajectories;

namespace Rebound.Agents.Tools;

/// <summary>
/// Answers with what a tool was observed to answer in recorded trajectories, so that an evaluation is deterministic and needs
/// no network. What was not recorded goes to another tool, where there is one.
/// </summary>
public sealed class ReplayTool : ITool
{
    private readonly Dictionary<string, string> _observations;
    private readonly ITool? _fallback;

    /// <param name="name">The tool that is replayed.</param>
    /// <param name="observations">What it answered to which argument.</param>
    /// <param name="fallback">What is asked for anything else; null for none.</param>
    public ReplayTool(string name, IReadOnlyDictionary<string, string> observations, ITool? fallback = null) =>
        (Name, _observations, _fallback) = (name, new Dictionary<string, string>(observations, StringComparer.Ordinal), fallback);

    public string Name { get; }

    public string Description => _fallback?.Description ?? $"answers as {Name} was recorded to answer";

    public int Count => _observations.Count;

    /// <summary>Collects a tool's observations from trajectories; of several for one argument the first counts.</summary>
    public static async Task<Dictionary<string, string>> CollectAsync(
        string tool, IAsyncEnumerable<Trajectory> trajectories, CancellationToken cancellation = default)
    {
        var observations = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var trajectory in trajectories.WithCancellation(cancellation))
        {
            foreach (var (said, observed) in trajectory.Turns.Zip(trajectory.Turns.Skip(1)))
            {
                if (said.Role == Roles.Assistant
                    && observed.Content.StartsWith(AgentLoop.Observation, StringComparison.Ordinal)
                    && ReferenceActions.Parse(said.Content) is { Argument: { } argument } turn
                    && turn.Tool == tool)
                {
                    observations.TryAdd(argument, observed.Content[AgentLoop.Observation.Length..]);
                }
            }
        }

        return observations;
    }

    public Task<string> InvokeAsync(string argument, CancellationToken cancellation = default) =>
        _observations.TryGetValue(argument, out var observation) ? Task.FromResult(observation)
        : _fallback?.InvokeAsync(argument, cancellation)
        ?? throw new ToolException($"no recorded observation of {Name}[{argument}].");
}
