using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Agents.Tasks;

/// <summary>How a task's questions are asked.</summary>
public static class TaskPrompt
{
    /// <summary>The task's own prompt.</summary>
    /// <exception cref="ArgumentException">There is no such prompt, or the task has none of its own.</exception>
    /// <exception cref="Trajectories.DataException">The file cannot be used.</exception>
    public static PromptTemplate Open(AgentTask task) =>
        task.Prompt is null ? throw new ArgumentException($"The task {task.Name} names no prompt; say how its questions are asked.")
        : task.Template is null ? Prompting.Open(task.Prompt)
        : PromptFile.Load(task.Prompt, task.Template);
}
