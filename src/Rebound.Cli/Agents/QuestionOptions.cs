using System.CommandLine;
using Rebound.Agents.Tasks;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Agents;

/// <summary>The options that say which of a task's questions are tried.</summary>
internal sealed class QuestionOptions
{
    private readonly Option<string?> _data = OptionOf.Text("--data", "DIR", "The folder of the built-in tasks' question files");

    private readonly Option<string?> _path = OptionOf.Text("--question-path", "FILE", "Read the questions from this file instead");

    private readonly Option<string> _split;

    private readonly Option<int> _start = OptionOf.Number(
        "--task-start-index", "The first question, from 0; a negative one counts from the end", 0);

    private readonly Option<int?> _end = OptionOf.Number<int?>("--task-end-index", "The question to stop before (default after the last)");

    /// <param name="split">The split that is taken by default.</param>
    public QuestionOptions(string split) => _split = new Option<string>("--task-split")
    {
        Description = "The questions to take: train or test",
        HelpName = "train|test",
        DefaultValueFactory = _ => split,
    };

    public Option[] All => [_data, _path, _split, _start, _end, BadRowHandling.OfRows];

    /// <summary>The need for questions, where the task does not locate them.</summary>
    public Need Need => new("where the questions are", _data, _path) { Exception = "unless the task says where they are" };

    public bool AreNamed(CommandContext context) => context.Get(_data) is not null || context.Get(_path) is not null;

    /// <summary>The file of the questions, and those that are tried.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public (string Path, IReadOnlyList<TaskQuestion> Questions) Read(CommandContext context, AgentTask task)
    {
        var path = Find(context, task);
        var bad = new BadRowHandling(context, BadRowHandling.Skips(context, BadRowHandling.OfRows));
        var all = QuestionLoader.ReadAsync(path, task.Fields, onBadRow: bad.Leave, cancellation: context.Interrupted)
            .GetAwaiter().GetResult();
        bad.End(all.Count);
        var questions = QuestionLoader.Slice(all, context.Require(_start), context.Get(_end));
        return questions.Count > 0
            ? (path, questions)
            : throw new InputException($"No question of {path} is between {_start.Name} and {_end.Name}.");
    }

    private string Find(CommandContext context, AgentTask task)
    {
        if (context.Get(_path) is { } path)
        {
            return path;
        }

        return context.Get(_data) is { } folder
            ? QuestionLoader.Find(task, folder, context.Require(_split))
            : QuestionLoader.Find(task, "", "test");
    }
}
