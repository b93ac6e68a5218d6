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

    private readonly Func<CancellationToken, Task<IEnumerable<AIFunction>?>>? _changes;
    private NamedTools _now;

    /// <exception cref="ArgumentException">Two tools have one name, or one is called finish.</exception>
    public ToolSet(params IEnumerable<AIFunction> tools) => _now = new NamedTools(tools);

    /// <param name="tools">As they are now.</param>
    /// <param name="changes">Says which there are at a later time; null where nothing changed.</param>
    /// <exception cref="ArgumentException">Two tools have one name, or one is called finish.</exception>
    public ToolSet(IEnumerable<AIFunction> tools, Func<CancellationToken, Task<IEnumerable<AIFunction>?>> changes)
        : this(tools) => _changes = changes;

    /// <summary>The names of all tools and of <see cref="Finish"/>.</summary>
    public IReadOnlyCollection<string> ActionNames => _now.ActionNames;

    /// <summary>All tools, in the order in which they were given.</summary>
    public IReadOnlyCollection<AIFunction> All => _now.ByName.Values;

    /// <summary>The tool of a name; null for none.</summary>
    public AIFunction? Find(string name) => _now.ByName.GetValueOrDefault(name);

    /// <summary>
    /// The name of a tool for endpoints and chat templates: its own where they accept it (<see cref="ToolNames.IsSafe"/>), else a
    /// unique alias.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The tool is none of these.</exception>
    public string SafeName(AIFunction tool) => _now.SafeNames[tool.Name];

    /// <summary>The tool that a native call means, which a model may name by its safe name or by its own.</summary>
    public AIFunction? FindCalled(string name) => _now.BySafeName.GetValueOrDefault(name) ?? Find(name);

    /// <summary>Applies servers' changes of tools; to be called before a question. Running agents keep the tools that they have.</summary>
    /// <exception cref="ToolServerException">A server is gone.</exception>
    public async Task RefreshAsync(CancellationToken cancellation = default)
    {
        if (_changes is not null && await _changes(cancellation) is { } tools)
        {
            _now = new NamedTools(tools);
        }
    }

    /// <summary>The tools at one time.</summary>
    private sealed class NamedTools
    {
        public NamedTools(IEnumerable<AIFunction> tools)
        {
            foreach (var tool in tools)
            {
                if (tool.Name.Contains(Finish, StringComparison.OrdinalIgnoreCase) || !ByName.TryAdd(tool.Name, tool))
                {
                    throw new ArgumentException($"A tool cannot be called '{tool.Name}': the name is taken.");
                }
            }

            ActionNames = [.. ByName.Keys, Finish];
            SafeNames = ToolNames.SafeNames(ByName.Keys);
            BySafeName = SafeNames.ToDictionary(name => name.Value, name => ByName[name.Key], StringComparer.Ordinal);
        }

        public IReadOnlyCollection<string> ActionNames { get; }

        public Dictionary<string, AIFunction> ByName { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> SafeNames { get; }

        public Dictionary<string, AIFunction> BySafeName { get; }
    }
}
