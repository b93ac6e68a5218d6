using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>A model behind a server.</summary>
internal sealed class ServedAgentModel(CommandContext context, EndpointOptions endpoint, int attempts) : AgentModel
{
    private EndpointPool? _model;

    public override string Name => context.Get(SharedOptions.Model)!;

    public override AgentCard? Card => null;

    public override string? Broken => _model?.Broken?.Message;

    public override IChatClient Start(int conversations)
    {
        _model = endpoint.Open(context, Name, attempts, Meter);
        return new MeteredModel(_model, Meter, streams: false);
    }

    public override void Describe(JsonObject description)
    {
        base.Describe(description);
        if (context.Get(endpoint.ExtraBody) is { } extra)
        {
            description["extra_body"] = extra.DeepClone();
        }
    }

    public override void Dispose() => _model?.Dispose();
}
