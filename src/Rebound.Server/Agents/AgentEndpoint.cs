using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Server.Serving;
using Rebound.Trajectories;

namespace Rebound.Server.Agents;

/// <summary><c>GET /v1/agents</c>, and <c>POST /v1/agents/NAME/run</c>, which lets one work on a question.</summary>
internal sealed class AgentEndpoint(ServerState state)
{
    public const string Path = "/v1/agents";
    public const string RunPath = Path + "/{name}/run";

    public async Task ListAsync(HttpContext context)
    {
        var list = new JsonArray();
        foreach (var model in state.Models.Snapshot().OrderBy(model => model == state.Models.Default ? 0 : 1))
        {
            if (state.Agents is { } agents && (await agents.OfAsync(model)).Agent is { } agent)
            {
                list.Add((JsonNode)Describe(model, agent));
            }
        }

        await Responses.WriteAsync(context, new JsonObject { ["object"] = "list", ["data"] = list });
    }

    public async Task RunAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<AgentRunRequest>(context);
        state.Unknown.Note($"{Path}/…/run", request.Others);
        var name = RouteName.Of(context);
        var (own, condition) = state.Models.Find(name);
        var agent = state.Agents is { } agents
            ? await agents.RequireAsync(own)
            : throw ApiException.NotFound("agent_not_found", "This server lets no agents work.");
        var (model, modelCondition) = request.Model is null ? (own, condition) : state.Models.Find(request.Model);
        using var scope = state.Begin(context, "invoke_agent", model.Name, 1);
        var events = new EventStream(context);
        try
        {
            var work = await AgentPreparation.ReadAsync(
                request, scope, agent, modelCondition ?? condition, agents.Limits, state.Options.Clock);
            scope.Telemetry.Begin(name, () => work.Model.Usage);
            var run = new AgentRunWriter(name, scope, work);
            if (request.Stream == true)
            {
                await StreamAsync(run, work, events, scope);
            }
            else
            {
                await Responses.WriteAsync(context, run.Whole(await WorkAsync(work, new UnobservedAgent(), scope.Ends)));
            }
        }
        catch (Exception e)
        {
            var error = scope.Explain(e);
            scope.Telemetry.Fail(error?.Type);
            if (error is null)
            {
                return;
            }

            if (!events.HasBegun)
            {
                ExceptionDispatchInfo.Throw(error);
            }

            scope.Note($"The work of {name} ended: {e.Message}");
            var told = Responses.Error(error);
            told.Insert(0, "type", "error");
            events.Add(writer => told.WriteTo(writer), "error");
            await events.SendAsync();
        }
    }

    private static async Task StreamAsync(AgentRunWriter run, AgentPreparation work, EventStream events, RequestScope scope)
    {
        var agent = work.Session.Agent;
        var told = new AgentEvents(run.Begun, agent.Tools, agent.ToolFormat, work.Limits.Parsing);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(scope.Ends);
        var working = WorkAsync();
        try
        {
            while (await told.Events.WaitToReadAsync(CancellationToken.None))
            {
                while (told.Events.TryRead(out var next))
                {
                    events.Add(writer => next.WriteTo(writer), (string)next["type"]!);
                }

                await events.SendAsync();
            }
        }
        finally
        {
            // What writes into a stream that nobody reads has to end before it can be let go of.
            await stop.CancelAsync();
            await Task.WhenAny(working);
        }

        await working;

        async Task WorkAsync()
        {
            JsonObject? completed = null;
            try
            {
                completed = run.Whole(await AgentEndpoint.WorkAsync(work, told, stop.Token));
            }
            finally
            {
                told.End(completed);
            }
        }
    }

    private static Task<ChatExchange> WorkAsync(AgentPreparation work, IAgentObserver observer, CancellationToken cancellation) =>
        work.Session.AskAsync(work.Question, work.Context, observer, cancellation);

    private static JsonObject Describe(ServedModel model, ChatAgent agent) => new()
    {
        ["id"] = model.Name,
        ["object"] = "agent",
        ["created"] = model.Loaded.ToUnixTimeSeconds(),
        ["owned_by"] = "rebound",
        ["task"] = agent.Task,
        ["tool_format"] = agent.ToolFormat.Name(),
        ["tools"] = new JsonArray([.. agent.Tools!.All.Select(tool => new JsonObject
        {
            ["name"] = tool.Name,
            ["description"] = tool.Description,
            ["parameters"] = JsonNode.Parse(tool.JsonSchema.GetRawText()),
        })]),
        ["conditions"] = new JsonArray([.. agent.Conditions]),
    };
}
