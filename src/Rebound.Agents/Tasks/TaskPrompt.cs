using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Agents.Tasks;

/// <summary>The prompt of a task's questions.</summary>
public static class TaskPrompt
{
    /// <summary>The prompt that a model was trained with, else the task's own; null where there is neither.</summary>
    /// <param name="task">Null where there is none.</param>
    /// <param name="card">The agent card of a model that was trained here; null for any other.</param>
    /// <param name="format">How the agent calls tools.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static PromptTemplate? Find(AgentTask? task, AgentCard? card, ToolFormat format) =>
        card is not null && (card.Prompt is not null || task is null) ? card.Prompt : task is null ? null : Open(task, format);

    /// <summary>The task's own prompt.</summary>
    /// <param name="format">How the agent calls tools.</param>
    /// <exception cref="ArgumentException">There is no such prompt, or the task has none of its own.</exception>
    /// <exception cref="DataException">The file cannot be used.</exception>
    public static PromptTemplate Open(AgentTask task, ToolFormat format) =>
        format == ToolFormat.Native && task.NativePrompt is { } native ? PromptSetup.Open(native)
        : task.Prompt is null ? throw new ArgumentException($"The task {task.Name} names no prompt; say how its questions are asked.")
        : task.Template is null ? PromptSetup.Open(task.Prompt)
        : PromptFile.Load(task.Prompt, task.Template);
}
