using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tools;

/// <summary>Asks a server for its tools, page by page.</summary>
internal static class McpListing
{
    /// <summary>The tools of all pages.</summary>
    /// <exception cref="McpException">There are too many.</exception>
    public static async Task<List<Tool>> ReadAsync(McpClient client, McpLimits limits, CancellationToken cancellation)
    {
        var tools = new List<Tool>();
        string? cursor = null;
        for (var page = 0; page == 0 || cursor is not null; page++)
        {
            var result = await client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancellation);
            tools.AddRange(result.Tools);
            cursor = result.NextCursor;
            if (cursor is not null && (page + 1 == limits.MostPages || tools.Count > limits.MostTools))
            {
                throw new McpException($"its list of tools does not end: {page + 1} pages told {tools.Count}, and there are more.");
            }
        }

        return tools;
    }
}
