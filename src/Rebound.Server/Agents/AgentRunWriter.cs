using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.Agents;

/// <summary>Writes an agent's work as an <c>agent.run</c>.</summary>
/// <param name="name">The agent's, as the request has it.</param>
internal sealed class AgentRunWriter(string name, RequestScope scope, AgentPreparation work)
{
    private readonly string _id = Ids.New("run_");

    /// <summary>The members that are known before it begins.</summary>
    public JsonObject Begun() => new()
    {
        ["id"] = _id,
        ["object"] = "agent.run",
        ["created"] = scope.Created,
        ["agent"] = name,
        ["model"] = scope.ModelName,
        ["condition"] = work.Session.Condition,
        ["tools"] = new JsonArray([.. (work.Session.Agent.Tools?.All ?? []).Select(tool => (JsonNode)tool.Name)]),
    };

    /// <summary>All of it, at its end.</summary>
    /// <exception cref="ApiException">The model could not be asked at all.</exception>
    public JsonObject Whole(ChatExchange exchange)
    {
        var detail = exchange.Detail;
        if (exchange.Cause == FailureCause.ModelError && work.Model.Failure is { } failure)
        {
            var error = scope.Explain(failure) ?? throw new OperationCanceledException();
            if (exchange.Turns.Count == 0)
            {
                ExceptionDispatchInfo.Throw(error);
            }

            detail = error.Message;
        }

        var usage = work.Model.Usage;
        var whole = Begun();
        whole["status"] = exchange.Cause is null ? "completed" : "failed";
        whole["answer"] = exchange.Answer;
        whole["cause"] = exchange.Cause?.Name();
        whole["detail"] = detail;
        whole["seconds"] = exchange.Duration.TotalSeconds;
        whole["usage"] = usage.ToJson();
        whole["trajectory"] = exchange.ToJson();
        return whole;
    }
}
