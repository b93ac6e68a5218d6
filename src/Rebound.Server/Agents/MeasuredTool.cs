using System.Diagnostics;
using Microsoft.Extensions.AI;
using Rebound.Agents.Tools;
using Rebound.Server.Telemetry;

namespace Rebound.Server.Agents;

/// <summary>
/// A tool whose calls are spans, by OpenTelemetry's conventions for generative AI. What it says of a failure stays with whoever runs the
/// server: clients are told what all may read of it.
/// </summary>
/// <param name="note">Told of failures.</param>
internal sealed class MeasuredTool(AIFunction tool, Action<string> note) : DelegatingAIFunction(tool)
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
            if (cancellationToken.IsCancellationRequested || e is ToolArgumentException or ToolServerException or OutOfMemoryException)
            {
                throw;
            }

            note($"The tool {Name} failed: {e.Message}");
            throw new ToolException(
                (e as ToolException)?.PublicMessage ?? $"the tool {Name} failed; whoever runs the server can see why.", e);
        }
    }
}
