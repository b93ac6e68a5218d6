using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Agents.Tasks;

/// <summary>How a task's questions are asked.</summary>
public static class TaskPrompt
{
    /// <param name="prompt">A built-in prompt's name, a prompt configuration, or with a template a prompt file of the reference; null for the task's own.</param>
    /// <param name="template">Null unless the prompt is a file of the reference.</param>
    /// <exception cref="ArgumentException">There is no such prompt, or the task has none of its own.</exception>
    /// <exception cref="Trajectories.DataException">The file cannot be used.</exception>
    public static PromptTemplate Open(AgentTask task, string? prompt, string? template)
    {
        (prompt, template) = prompt is null ? (task.Prompt, template ?? task.Template) : (prompt, template);
        return prompt is null ? throw new ArgumentException($"The task {task.Name} names no prompt; say how its questions are asked.")
            : template is null ? Prompting.Open(prompt)
            : PromptFile.Load(prompt, template);
    }
}
