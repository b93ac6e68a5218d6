using System.CommandLine;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;
using Rebound.Inference.Generation;

namespace Rebound.Cli.Chat;

/// <summary>The options of <c>rebound chat</c> beside those of its agent and its model.</summary>
internal sealed class ChatOptions
{
    private const float HighestTemperature = 2;
    private const float AgentTemperature = 0.2f;
    private const float PlainTemperature = 0.7f;

    public readonly Option<double?> Temperature = OptionOf.Number<double?>(
        "--temperature",
        $"Logits are divided by it; 0 takes the likeliest token (default {AgentTemperature} for agents; without tools that of the model's "
            + $"generation_config.json, or {PlainTemperature})");

    public readonly Option<long> Seed = OptionOf.Number("--seed", "Seed of the draws; the same questions get the same answers", 0L);

    public readonly Option<double?> Guidance = OptionOf.Number<double?>(
        "--guidance", "Decode the condition and the negative one together, logits = p + N·(p − n)");

    public readonly Option<string?> System = OptionOf.Text("--system", "TEXT", "System text before every question");

    public readonly AgentOptions Agent = new();

    public readonly EndpointOptions Endpoint = new();

    public ChatOptions()
    {
        Agent.Task.Description += "; none for a chat without tools";
        Agent.Condition.DefaultValueFactory = null;
    }

    /// <summary>As help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new OptionGroup("Model", [SharedOptions.Model, SharedOptions.Adapter, .. Endpoint.All]),
        new OptionGroup(
            "Asking", [Agent.Task, Agent.Condition, Guidance, SharedOptions.Reasoning, System, Temperature, Seed, .. Agent.Wording]),
        Agent.Tools,
        Agent.Turns,
        new OptionGroup("Machine", SharedOptions.Device, SharedOptions.Threads, SharedOptions.ComputeType,
            SharedOptions.Int8Activations, SharedOptions.Deterministic),
        new OptionGroup("Results", SharedOptions.Json),
    ];

    public void Check(CommandContext context, OptionChecks checks)
    {
        if (context.Get(Temperature) is { } value and not (>= 0 and <= HighestTemperature))
        {
            checks.Add($"{context.Label(Temperature)} is {value}; it must be from 0 to {HighestTemperature}.");
        }

        if (context.Get(Guidance) is { } weight && !(weight >= 0 && double.IsFinite(weight)))
        {
            checks.Add($"{context.Label(Guidance)} is {weight}; it must be at least 0.");
        }
    }

    /// <summary>The temperature that was asked for, or the model's own, or the usual one.</summary>
    /// <param name="own">The settings in the model's files.</param>
    public float ReadTemperature(CommandContext context, bool hasTools, OwnSampling own) =>
        (float?)context.Get(Temperature) ?? own.Temperature ?? (hasTools ? AgentTemperature : PlainTemperature);
}
