using System.CommandLine;
using Rebound.Cli.Agents;

namespace Rebound.Cli.Chat;

/// <summary>The options of <c>rebound chat</c> beside those of its agent and its model.</summary>
internal sealed class ChatOptions
{
    private const float HighestTemperature = 2;
    private const float AgentTemperature = 0.2f;
    private const float PlainTemperature = 0.7f;

    public readonly Option<double?> Temperature = OptionOf.Number<double?>(
        "--temperature", $"Logits are divided by it; 0 takes the likeliest token (default {AgentTemperature} for agents, {PlainTemperature} without tools)");

    public readonly Option<long> Seed = OptionOf.Number("--seed", "Seed of the draws; the same questions get the same answers", 0L);

    public readonly Option<string?> System = OptionOf.Text("--system", "TEXT", "System text before every question");

    public readonly AgentOptions Agent = new();

    public readonly EndpointOptions Endpoint = new();

    public ChatOptions()
    {
        Agent.Task.Description += "; none for a chat without tools";
        Agent.Condition.DefaultValueFactory = null;
    }

    public IEnumerable<Option> All =>
    [
        SharedOptions.Model, SharedOptions.Adapter, Temperature, Seed, System, .. Agent.All, .. Endpoint.All, SharedOptions.Device, SharedOptions.ComputeType,
        SharedOptions.Threads, SharedOptions.Json,
    ];

    public void Check(CommandContext context, OptionChecks checks)
    {
        if (context.Get(Temperature) is { } value and not (>= 0 and <= HighestTemperature))
        {
            checks.Add($"{context.Label(Temperature)} is {value}; it must be from 0 to {HighestTemperature}.");
        }
    }

    /// <summary>The temperature that was asked for, or the usual one.</summary>
    public float ReadTemperature(CommandContext context, bool hasTools) =>
        (float?)context.Get(Temperature) ?? (hasTools ? AgentTemperature : PlainTemperature);
}
