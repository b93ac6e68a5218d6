using System.Runtime.CompilerServices;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Inference.Chat;
using Rebound.Inference.Serving;
using Rebound.Server.Http;

namespace Rebound.Server.Agents;

/// <summary>The agents that served models are: what they work with is fixed where the server is started, and by no client.</summary>
/// <param name="open">Says what agent a model is, by how it is asked; called once for each model.</param>
public sealed class ServedAgents(Func<ChatProfile, Task<AgentOffer>> open)
{
    private readonly ConditionalWeakTable<ServedModel, Task<AgentOffer>> _offers = [];

    /// <summary>How far an agent may go where a request does not say, and how its turns are read.</summary>
    public EpisodeOptions Limits { get; init; } = new();

    /// <summary>The names of the models that are agents.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(ServedModels models)
    {
        var names = new List<string>();
        foreach (var model in models.Snapshot())
        {
            if ((await OfAsync(model)).Agent is not null)
            {
                names.Add(model.Name);
            }
        }

        return names;
    }

    /// <summary>The names of the tools that each agent has here, by the agent's name.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ToolsAsync(ServedModels models)
    {
        var tools = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var model in models.Snapshot())
        {
            if ((await OfAsync(model)).Agent is { } agent)
            {
                tools[model.Name] = [.. agent.Tools?.All.Select(tool => tool.Name) ?? []];
            }
        }

        return tools;
    }

    /// <summary>The agent that a model is, or why it is none.</summary>
    internal Task<AgentOffer> OfAsync(ServedModel model) => _offers.GetValue(model, OpenAsync);

    /// <exception cref="ApiException">It is none.</exception>
    internal async Task<ChatAgent> RequireAsync(ServedModel model)
    {
        var offer = await OfAsync(model);
        return offer.Agent ?? throw ApiException.NotFound(
            "agent_not_found", $"{model.Name} is no agent: {offer.Problem} GET {AgentEndpoint.Path} lists those that there are.");
    }

    private Task<AgentOffer> OpenAsync(ServedModel model) => model.Profile is { } profile
        ? open(profile)
        : Task.FromResult(new AgentOffer(null, "it takes no conversations."));
}
