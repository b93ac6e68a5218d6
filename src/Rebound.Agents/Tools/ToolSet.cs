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
    private readonly Dictionary<string, string> _safeNames;
    private readonly Dictionary<string, AIFunction> _bySafeName;

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

        _safeNames = ToolNames.SafeNames(_tools.Keys);
        _bySafeName = _safeNames.ToDictionary(name => name.Value, name => _tools[name.Key], StringComparer.Ordinal);
    }

    /// <summary>The names of all tools and of <see cref="Finish"/>.</summary>
    public IReadOnlyCollection<string> ActionNames => [.. _tools.Keys, Finish];

    /// <summary>All tools, in the order in which they were given.</summary>
    public IReadOnlyCollection<AIFunction> All => _tools.Values;

    public AIFunction? Find(string name) => _tools.GetValueOrDefault(name);

    /// <summary>
    /// The name that endpoints and chat templates are told of a tool: its own where they take it (<see cref="ToolNames.IsSafe"/>), else
    /// an alias that no other tool has.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The tool is none of these.</exception>
    public string SafeName(AIFunction tool) => _safeNames[tool.Name];

    /// <summary>The tool that a native call means, which a model may name by its safe name or by its own.</summary>
    public AIFunction? FindCalled(string name) => _bySafeName.GetValueOrDefault(name) ?? Find(name);
}
