using System.CommandLine;
using Rebound.Agents.Episodes;
using Rebound.Agents.Solutions;
using Rebound.Agents.Tasks;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data solutions</c>: trajectories from worked solutions with calculator annotations.</summary>
internal static class SolutionsCommand
{
    private const string Drop = "drop";

    private static readonly Argument<string> Source = new("file")
    {
        HelpName = "FILE",
        Description = "Questions with worked solutions, as those of GSM8K: a JSON list or JSON lines",
    };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "Where to write: a JSON list if the name ends with .json, JSON lines otherwise",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string> Task = new("--task")
    {
        Description = $"The task: {string.Join(", ", BuiltInTasks.All.Where(Calculates).Select(task => task.Name))}, or a YAML file",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => "gsm8k",
    };

    private static readonly Option<int> StepLimit = OptionOf.Number(
        "--step-limit", "Turns that an agent may take", new EpisodeOptions().StepLimit);

    private static readonly Option<string> Unconfirmed = OptionOf.OneOf(
        "--unconfirmed", "Solutions whose values are not the calculator's: leave them out, or keep them with what it says", Drop, "keep");

    public static CliCommand Create() => new("solutions", "Make trajectories of worked solutions", Run)
    {
        Arguments = { Source },
        Options = { Output, Task, StepLimit, Unconfirmed },
        Details = "A solution's annotations, <<48/2=24>>, become turns of an agent: what stands before one is the thought, its expression "
            + "the action, and what the calculator says of it is observed; '#### 72' becomes finish[72]. The turns go through "
            + "the loop, the tool and the scoring of 'rebound evaluate', so training meets what evaluation will. What is left out is "
            + "counted with the reason; a solution that is kept although a value is not the calculator's lists it in 'unconfirmed'.",
        Examples =
        [
            "rebound data solutions gsm8k/train.jsonl --output solutions.json",
            "rebound train --model DIR --output-dir OUT --task-name gsm8k --pos-path solutions.json --question-path gsm8k/train.jsonl "
                + "--prompt math",
        ],
        MoreOptions = [SharedOptions.Json],
    };

    private static int Run(CommandContext context)
    {
        var checks = new OptionChecks(context);
        var stepLimit = checks.AtLeast(StepLimit, 2);
        checks.ThrowIfAny();
        var (path, output) = (context.Get(Source)!, context.Require(Output));
        RowOutput.Check([path], (Output.Name, output));
        var task = TaskRegistry.Open(context.Require(Task));
        if (!Calculates(task))
        {
            throw new InputException(
                $"{context.Label(Task)} is {task.Name}, whose agents do not calculate; solutions need the tool 'calculate'.");
        }

        var questions = QuestionLoader.ReadAsync(path, task.Fields, cancellation: context.Interrupted).GetAwaiter().GetResult();
        var totals = Write(context, questions, new SolutionTeacher(task.Judge, stepLimit, TimeProvider.System), output);
        if (totals.Written == 0)
        {
            throw new InputException($"No solution of {path} makes a trajectory. {totals.LeftOut.Values.First().First}");
        }

        if (output is not "-")
        {
            Show(context, totals);
        }

        return ExitCode.Done;
    }

    private static SolutionTotals Write(
        CommandContext context, IReadOnlyList<TaskQuestion> questions, SolutionTeacher teacher, string output)
    {
        var keep = context.Require(Unconfirmed) != Drop;
        var (totals, writer) = (new SolutionTotals(), new TrajectoryWriter(TrajectoryFormat.NatInstruct));
        using var rows = RowOutput.Create(context, output);
        using (var progress = context.Terminal.StartProgress("Playing", questions.Count, "solutions"))
        {
            foreach (var question in questions)
            {
                var played = teacher.PlayAsync(question, context.Interrupted).GetAwaiter().GetResult();
                var isWritten = played.Fault is null || (keep && played.Fault == SolutionFault.NotConfirmed);
                if (isWritten)
                {
                    rows.Write(writer.Write(played.ToTrajectory()));
                }

                totals.Add(played, isWritten);
                progress.Report(totals.Solutions);
            }
        }

        if (totals.Written > 0)
        {
            rows.Complete($"rebound data show {ShellText.Quoted(output)}");
        }

        return totals;
    }

    private static void Show(CommandContext context, SolutionTotals totals)
    {
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(totals.ToJson());
            return;
        }

        var table = DataTable.Create("", "solutions", "share", "the first one");
        foreach (var (fault, (count, first)) in totals.LeftOut.OrderByDescending(fault => fault.Value.Count))
        {
            DataTable.AddRow(table, fault.Name(), $"{count:N0}", DataTable.Share(count, totals.Solutions), first);
        }

        DataTable.AddTotal(table, "written", $"{totals.Written:N0}", DataTable.Share(totals.Written, totals.Solutions), "");
        DataTable.AddRow(table, "read", $"{totals.Solutions:N0}", "", "");
        context.Terminal.Write(table);
        context.Terminal.Output.WriteLine(
            $"{totals.Calculations:N0} calculations: the solution's value is the calculator's in "
            + $"{totals.Of(Agreement.Equal):N0}, rounded in {totals.Of(Agreement.Rounded):N0}, another in "
            + $"{totals.Of(Agreement.Different):N0}.");
    }

    private static bool Calculates(AgentTask task) => task.Tools.Contains("calculate");
}
