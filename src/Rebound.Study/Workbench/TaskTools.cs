using Microsoft.Extensions.AI;
using Rebound.Agents.Search;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;

namespace Rebound.Study.Workbench;

/// <summary>The tools of a task that Rebound has itself: the calculator, and search in an index.</summary>
public sealed class TaskTools : IDisposable
{
    private readonly SearchIndex? _index;

    private TaskTools(AgentTask task, SearchIndex? index)
    {
        _index = index;
        Tools = new ToolSet([.. task.Tools.Select(name => Own(task, name))]);
    }

    public ToolSet Tools { get; }

    /// <param name="index">The file of the index, which <c>rebound data index</c> makes; null for none.</param>
    /// <exception cref="ArgumentException">The task has a tool that is none of these, or searches and there is no index.</exception>
    public static TaskTools Open(AgentTask task, string? index = null)
    {
        var opened = index is null ? null : SearchIndex.Open(index);
        try
        {
            return new TaskTools(task, opened);
        }
        catch
        {
            opened?.Dispose();
            throw;
        }
    }

    public void Dispose() => _index?.Dispose();

    private AIFunction Own(AgentTask task, string name) => name switch
    {
        "calculate" => new CalculateTool(),
        "search" => _index is null
            ? throw new ArgumentException($"The task {task.Name} searches: it needs an index, which 'rebound data index' makes.")
            : new IndexSearchTool(_index),
        _ => throw new ArgumentException($"The task {task.Name} has a tool '{name}', which nothing provides here."),
    };
}
