using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;

namespace Rebound.Cli.Agents;

/// <summary>Who judges a task's answers: the command that the command line names, or the task's own scorer or command.</summary>
internal static class TaskJudge
{
    /// <summary>The task with its judge ready, and tried by the examples of its file where it is a command.</summary>
    /// <exception cref="InputException">The task's file names a command that may not be started, or the
    /// judge does not hold its examples.</exception>
    public static AgentTask With(AgentOptions options, CommandContext context, AgentTask task)
    {
        var given = context.Get(options.Judge);
        if (given is null && task.JudgeCommand is null)
        {
            return task;
        }

        if (given is null && !context.Get(options.ToolServers.Allow))
        {
            throw new InputException(
                $"The task {task.Name} asks to judge by a command, which would run with your rights:\n  {task.JudgeCommand}\nIf it may, "
                    + $"give {options.Judge.Name} with the same words, or {options.ToolServers.Allow.Name}.");
        }

        var command = given ?? task.JudgeCommand!;
        var judge = Open(options, context, command);
        return TaskExample.ProblemAsync(judge, task.Examples, context.Interrupted).GetAwaiter().GetResult() is { } problem
            ? throw new InputException($"The task {task.Name} cannot be judged: {problem}")
            : task with { Judge = judge, JudgeCommand = command };
    }

    private static CommandJudge Open(AgentOptions options, CommandContext context, string command)
    {
        var started = options.ToolServers.Read(context);
        try
        {
            return new CommandJudge(command, started.Environment, started.Limits.CallPatience);
        }
        catch (FormatException e)
        {
            throw new InputException($"{options.Judge.Name} is no command line: {e.Message}", e);
        }
    }
}
