using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Study.Grids;
using Rebound.Study.Reporting;

namespace Rebound.Cli.Study;

/// <summary><c>rebound study</c>: methods compared over numbers of failures, seeds, models and tasks.</summary>
internal static class StudyCommand
{
    public static CliCommand Create()
    {
        var options = new StudyOptions();
        return new CliCommand("study", "Compare training methods over numbers of failures, seeds and tasks", context =>
            RunAsync(context, options).GetAwaiter().GetResult())
        {
            Arguments = { options.File },
            Details =
                "The file names models, data, methods, numbers of successes and failures, seeds, options of 'rebound train', and tasks "
                    + "with options of 'rebound evaluate'. Every training is run once and examined on every task; what is there is not "
                    + "made again, and a study that was interrupted goes on with the same command. The folder gets report.html and its "
                    + "tables as CSV files.",
            Examples =
            [
                "rebound study study.yml --output-dir OUT --plan",
                "rebound study study.yml --output-dir OUT",
                "rebound study study.yml --output-dir OUT --max-time 25",
                "rebound study study.yml --output-dir TUNING --validation",
            ],
            MoreOptions = options.All,
        };
    }

    private static async Task<int> RunAsync(CommandContext context, StudyOptions options)
    {
        var checks = new OptionChecks(context);
        var (path, folder) = (context.Get(options.File)!, new GridFolder(context.Require(options.OutputFolder)));
        var (part, longest) = (options.ReadPart(context, checks), options.ReadTime(context, checks));
        var shares = options.Parts.Read(context, checks);
        checks.WritableFolder(options.OutputFolder, folder.Location);
        checks.ThrowIfAny();
        var file = StudyFile.Read(path);
        var points = new StudyPlanReader(file, folder, context).Read();
        using var device = DeviceParts.Open(context, shares);
        await using var tasks = new StudyTasks(file, context, device.First.Backend.IsHostMemory);
        var heldOut = await tasks.ReadHeldOutAsync();
        var plan = new GridPlan(points, await tasks.ReadAsync(context.Get(options.Validation)))
        {
            HeldOut = heldOut,
            KeepsModels = file.KeepsModels,
            About = StudyAbout.Of(file),
        };
        using var view = new StudyView(context.Terminal);
        var runner = new GridRunner(plan, folder, device.Backends, TimeProvider.System)
        {
            OpenAnother = device.First.OpenAnother,
            Observer = view,
            Part = part,
            Longest = longest,
        };
        if (context.Get(options.PlanOnly))
        {
            StudyPlanView.Show(plan, runner.Look(), device.First.Backend.Description, context.Terminal);
            return ExitCode.Done;
        }

        if (device.First.Note is { } note)
        {
            context.Terminal.Note(note);
        }

        GridProgress progress;
        try
        {
            progress = await runner.RunAsync(context.Interrupted);
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            view.Dispose();
            context.Terminal.Error($"Interrupted; what was made is kept. The same command goes on in {folder.Location}.");
            return ExitCode.Interrupted;
        }

        view.Dispose();
        return Report(progress, folder, context);
    }

    private static int Report(GridProgress progress, GridFolder folder, CommandContext context)
    {
        var terminal = context.Terminal;
        var measured = folder.Read();
        if (measured.Runs.Count > 0)
        {
            var report = new ComparisonReport(measured.Runs)
            {
                Points = measured.Points,
                About = measured.About,
                MadeBy = "Made by rebound study.",
            };
            report.Write(folder.Location);
            terminal.Write(StudyResultView.Scores(report));
            terminal.Output.WriteLine($"The report: {Path.Combine(folder.Location, ComparisonReport.FileName)}");
        }

        terminal.Note($"{progress.Done} of {CountText.Of(progress.All, "training")} are done.");
        foreach (var failure in progress.Failed)
        {
            terminal.Error(failure);
        }

        if (progress.Left > 0 && progress.Failed.Count == 0)
        {
            terminal.Note($"{CountText.Of(progress.Left, "training")} of this part are left; the same command goes on.");
        }

        return progress.Failed.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
