using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tools;

/// <summary>
/// The tools of an agent by name: any <see cref="AIFunction"/>, as <see cref="AIFunctionFactory"/> makes them of delegates.
/// <c>finish</c> is none of them: it ends an episode.
/// </summary>
public sealed class ToolSet
{
    /// <summary>The name of the action that ends an episode.</summary>
    public const string Finish = "finish";

    private readonly Dictionary<string, AIFunction> _tools;

    /// <exception cref="ArgumentException">Two tools have one name, or one is called finish.</exception>
    public ToolSet(params IEnumerable<AIFunction> tools)
    {
        _tools = new Dictionary<string, AIFunction>(StringComparer.Ordinal);
        foreach (var tool in tools)
        {
            if (tool.Name.Contains(Finish, StringComparison.OrdinalIgnoreCase) || !_tools.TryAdd(tool.Name, tool))
            {
                throw new ArgumentException($"A tool cannot be called '{tool.Name}': the name is taken.");
            }
        }
    }

    /// <summary>The names of all tools and of <see cref="Finish"/>.</summary>
    public IReadOnlyCollection<string> ActionNames => [.. _tools.Keys, Finish];

    /// <summary>All tools, in the order in which they were given.</summary>
    public IReadOnlyCollection<AIFunction> All => _tools.Values;

    public AIFunction? Find(string name) => _tools.GetValueOrDefault(name);
}
