using System.CommandLine;
using Rebound.Agents.Tasks;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Agents;

/// <summary>The options that say which of a task's questions are tried.</summary>
internal sealed class QuestionOptions
{
    private readonly Option<string?> _data;
    private readonly Option<string?> _path;
    private readonly Option<string> _split;
    private readonly Option<int> _start;
    private readonly Option<int?> _end;

    /// <param name="split">The split that is taken by default.</param>
    public QuestionOptions(string split)
        : this(OptionOf.Text("--data", "DIR", "The folder of the built-in tasks' question files"), "", "task-", "", split)
    {
    }

    private QuestionOptions(Option<string?> data, string path, string index, string kind, string split)
    {
        _data = data;
        _path = OptionOf.Text($"--{path}question-path", "FILE", $"Read the {kind}questions from this file instead");
        _split = new Option<string>($"--{index}split")
        {
            Description = $"The {kind}questions to take: train or test",
            HelpName = "train|test",
            DefaultValueFactory = _ => split,
        };
        _start = OptionOf.Number($"--{index}start-index", $"The first {kind}question, from 0; a negative one counts from the end", 0);
        _end = OptionOf.Number<int?>($"--{index}end-index", $"The {kind}question to stop before (default after the last)");
    }

    public Option[] All => [_data, _path, _split, _start, _end, BadRowHandling.OfRows];

    /// <summary>Those but for the folder and bad rows, where other questions are taken from the same folder.</summary>
    public Option[] Own => [_path, _split, _start, _end];

    /// <summary>The options for questions that are held out beside these, from the same folder.</summary>
    public QuestionOptions HeldOut() => new(_data, "eval-", "eval-", "held-out ", "test");

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
