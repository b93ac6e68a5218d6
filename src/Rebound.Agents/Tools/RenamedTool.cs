using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tools;

/// <summary>A tool under another name, where its own is taken.</summary>
public sealed class RenamedTool(AIFunction tool, string name) : DelegatingAIFunction(tool)
{
    public override string Name => name;

    /// <summary>All tools, each by a name that no other one has; of two with one name the second one is renamed.</summary>
    public static IReadOnlyList<AIFunction> Apart(IEnumerable<AIFunction> tools)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var apart = new List<AIFunction>();
        foreach (var tool in tools)
        {
            var unique = ToolNames.Unique(tool.Name, taken.Contains);
            taken.Add(unique);
            apart.Add(unique == tool.Name ? tool : new RenamedTool(tool, unique));
        }

        return apart;
    }
}
