using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace Rebound.Agents.Tools;

/// <summary>A tool of a server.</summary>
/// <param name="name">As the agent calls it.</param>
internal sealed class McpTool(McpTools server, McpClientTool tool, string name) : AIFunction
{
    public override string Name => name;

    public override string Description => tool.Description;

    public override JsonElement JsonSchema => tool.JsonSchema;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(server.Limits.CallPatience);
        try
        {
            return McpContent.Text(await tool.CallAsync(arguments, cancellationToken: limit.Token));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw ToolException.Public($"the tool {Name} gave no answer within {server.Limits.CallPatience.TotalSeconds:0.#} s.", e);
        }
        catch (McpProtocolException e) when (e.ErrorCode == McpErrorCode.InvalidParams)
        {
            throw new ToolArgumentException(McpTools.Said(e), e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
        {
            var gone = await server.GoneAsync(e, $"while {Name} was called");
            cancellationToken.ThrowIfCancellationRequested();
            throw gone
                ?? (Exception)new ToolException($"the tool {Name} could not be called: {McpTools.Said(e)}", e)
                {
                    PublicMessage = $"the tool {Name} could not be called.",
                };
        }
    }
}
