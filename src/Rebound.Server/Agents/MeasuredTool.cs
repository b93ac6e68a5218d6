using System.Diagnostics;
using Microsoft.Extensions.AI;
using Rebound.Server.Telemetry;

namespace Rebound.Server.Agents;

/// <summary>A tool whose calls are spans, by OpenTelemetry's conventions for generative AI.</summary>
internal sealed class MeasuredTool(AIFunction tool) : DelegatingAIFunction(tool)
{
    private const string Operation = "execute_tool";

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        using var span = RequestTelemetry.Span($"{Operation} {Name}", new TagList
        {
            { "gen_ai.operation.name", Operation },
            { "gen_ai.tool.name", Name },
            { "gen_ai.tool.type", "function" },
        });
        try
        {
            return await base.InvokeCoreAsync(arguments, cancellationToken);
        }
        catch (Exception e)
        {
            span?.SetTag("error.type", e.GetType().Name);
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
