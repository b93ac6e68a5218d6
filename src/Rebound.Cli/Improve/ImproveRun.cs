using Rebound.Cli.Agents;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Inference.Chat;
using Rebound.Study.Improvement;
using Rebound.Study.Reporting;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Improve;

/// <summary>A run of <c>rebound improve</c>: opens device and tools, has the library make the rounds, and shows what comes of it.</summary>
internal static class ImproveRun
{
    public static async Task<int> RunAsync(CommandContext context, ImproveOptions options)
    {
        var settings = new ImproveSettingsReader(options, context).Read();
        var deterministic = context.Get(options.Train.Device.Deterministic);
        using var devices = DeviceParts.Open(context, settings.Shares, deterministic: deterministic, batchInvariant: deterministic);
        var first = devices.First;
        using var begin = LocalAgentModel.Open(settings.Options.Model, first.Backend);
        await using var tools = await AgentTools.OpenAsync(options.Agent, context, settings.Task, begin.Card);
        using var teacher = Teacher(context, options);
        var agent = new ImprovedAgent(settings.Task, settings.Questions, settings.HeldOut, tools.Tools, settings.Episodes)
        {
            TaskPath = settings.TaskPath,
            Begin = (model, questions) => AgentSetupReader.Of(options.Agent, context, settings.Task, questions, settings.Episodes, model),
        };
        using var view = new ImproveView(context);
        var host = new ImprovementHost(first.Backend)
        {
            OpenAnother = first.OpenAnother,
            Copies = devices.Backends,
            Observer = view,
        };
        using var improvement = options.Names.Run(() => new AgentImprovement(settings.Options, agent, teacher, host));
        ImprovePlan.Show(context, settings.Options, agent, begin, teacher, devices.Description, first.Note);
        return await RunAsync(context, settings, improvement, view);
    }

    private static async Task<int> RunAsync(
        CommandContext context, ImproveSettings settings, AgentImprovement improvement, ImproveView view)
    {
        ImprovementResults results;
        try
        {
            results = await improvement.RunAsync(context.Interrupted);
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            view.Dispose();
            context.Terminal.Error($"Interrupted; what was made is kept. The same command goes on in {settings.Options.OutputFolder}.");
            return ExitCode.Interrupted;
        }

        view.Dispose();
        await ImprovementReport.WriteAsync(improvement, settings.Options, results, context.Interrupted);
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(results.ToJson());
            return ExitCode.Done;
        }

        context.Terminal.Write(RoundsView.Of(results));
        if (results.Stopped is { } stopped)
        {
            context.Terminal.Note($"Stopped after round {results.Rounds[^1].Round}: {stopped}.");
        }

        context.Terminal.Output.WriteLine($"The report: {improvement.ReportPath}");
        if (results.Rounds.Count > 1)
        {
            var model = ShellText.Quoted(improvement.Round(results.Rounds[^1].Round).ModelPath);
            context.Terminal.Next("Talk to the last model", $"rebound chat {model}");
        }

        return ExitCode.Done;
    }

    private static ServedAgentModel? Teacher(CommandContext context, ImproveOptions options) =>
        context.Get(options.Teacher) is { } name
            ? new ServedAgentModel(name, context, options.Endpoint, EndpointOptions.PatientAttempts)
            : null;
}
