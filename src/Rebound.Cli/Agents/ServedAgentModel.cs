using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>A model behind a server.</summary>
/// <param name="name">As the server knows it.</param>
internal sealed class ServedAgentModel(string name, CommandContext context, EndpointOptions endpoint, int attempts) : AgentModel
{
    private readonly List<EndpointPool> _opened = [];

    public override string Name => name;

    public override string? Broken => _opened.LastOrDefault()?.Broken?.Message;

    public override IChatClient Open(int conversations, ModelMeter meter)
    {
        var pool = endpoint.Open(context, Name, attempts, meter);
        _opened.Add(pool);
        return pool;
    }

    public override void Describe(JsonObject description)
    {
        base.Describe(description);
        if (context.Get(endpoint.ExtraBody) is { } extra)
        {
            description["extra_body"] = extra.DeepClone();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _opened.ForEach(pool => pool.Dispose());
        base.Dispose(disposing);
    }
}
