namespace Rebound.Agents.Tasks;

/// <summary>Finds a task by its name or its file.</summary>
public static class TaskRegistry
{
    /// <param name="nameOrPath">A built-in task's name in any case, or the path of a <see cref="UserTask"/>'s YAML file.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static AgentTask Open(string nameOrPath) =>
        BuiltInTasks.Find(nameOrPath)
        ?? (File.Exists(nameOrPath) ? UserTask.Load(nameOrPath) : throw new ArgumentException(
            $"There is no task '{nameOrPath}': give one of {string.Join(", ", BuiltInTasks.All.Select(task => task.Name))}, or a "
                + "task's YAML file."));
}
