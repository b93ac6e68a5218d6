using System.Runtime.InteropServices;
using Rebound.Cli.Demo;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Study.Comparison;
using Rebound.Study.Reporting;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Demo;

/// <summary><c>rebound demo</c>: the whole method in one command, on this machine, with nothing but what is here.</summary>
internal static class DemoCommand
{
    public static CliCommand Create()
    {
        var options = new DemoOptions();
        return new CliCommand("demo", "See the whole method at work: small agents learn from successes and failures", context =>
            RunAsync(context, options).GetAwaiter().GetResult())
        {
            Details =
                "A world of word problems is made; a teacher that errs as people do tries them with a calculator; small models learn from "
                    + "scratch from its successes (vanilla), from its failures besides (nut), and from both told apart (nat); all are "
                    + "examined on questions that nobody has seen. A demo that was interrupted goes on when it is started again.",
            Examples = ["rebound demo", "rebound demo --seeds 5 --output-dir five-seeds",
                "rebound chat rebound-demo/students/nat-1000-seed1"],
            MoreOptions = [.. options.All, SharedOptions.Threads, SharedOptions.Json],
        };
    }

    private static async Task<int> RunAsync(CommandContext context, DemoOptions options)
    {
        var terminal = context.Terminal;
        var folder = new StudyFolder(context.Require(options.OutputFolder));
        using var study = new MethodStudy(folder, options.Read(context), TimeProvider.System);
        try
        {
            return await RunAsync(context, folder, study);
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            terminal.Error($"Interrupted; what was made is kept. The same command goes on in {folder.Location}.");
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> RunAsync(CommandContext context, StudyFolder folder, MethodStudy study)
    {
        var terminal = context.Terminal;
        terminal.Note($"A question: {study.Sample.Text}");
        TeacherRecord teacher;
        using (var progress = terminal.StartProgress("The teacher tries the questions", null, "questions"))
        {
            teacher = await study.CollectAsync(
                totals => progress.Report(totals.Episodes, $"{totals.Successes} right"), context.Interrupted);
        }

        terminal.Note($"The teacher was right {teacher.Positives:N0} times and failed {teacher.Negatives:N0} times: {folder.TeacherPath}");
        var cores = context.Get(SharedOptions.Threads) ?? Environment.ProcessorCount;
        var results = await new StudentsView(terminal, study.Plan(teacher)).ShowAsync(
            report => study.RunAsync(teacher, cores, report, context.Interrupted));
        terminal.Note(
            $"{results.Runs.Count} students were trained and examined; all of it took "
                + $"{DurationText.Of(TimeSpan.FromSeconds(results.Seconds))}.");
        await StudyReport.WriteAsync(study, folder, results, Machine(cores), context.Interrupted);
        if (context.Get(SharedOptions.Json))
        {
            terminal.WriteJson(results.ToJson());
            return ExitCode.Done;
        }

        terminal.Write(ComparisonView.Scores(results));
        terminal.Write(ComparisonView.Conditions(results));
        var best = ShellText.Quoted(
            folder.StudentPath(results.Runs.Where(run => run.Run.Method == TrainingMethod.Nat).MaxBy(run => run.Run.Negatives)!.Run));
        terminal.Output.WriteLine($"The report: {folder.ReportPath}");
        terminal.Output.WriteLine($"Talk to a student: rebound chat {best}");
        terminal.Output.WriteLine(
            $"Examine one again: rebound evaluate {best} --conditions positive,negative --output-dir "
                + $"{ShellText.Quoted($"{folder.Location}/again")}");
        return ExitCode.Done;
    }

    private static string Machine(int cores) =>
        $"{CountText.Of(cores, "core")}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
}
