using System.Diagnostics;
using Rebound.Agents.Episodes;
using Rebound.Cli.Machine;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Inference.Serving;
using Rebound.Server;
using Rebound.Server.Telemetry;

namespace Rebound.Cli.Serve;

/// <summary>A server from its start to when it is told to stop.</summary>
internal static class ServeRun
{
    public static async Task<int> RunAsync(CommandContext context, ServeOptions options)
    {
        var (settings, limits) = options.Read(context);
        return options.HasModel(context)
            ? await ServeModelAsync(context, options, settings, limits)
            : await ServePagesAsync(context, settings);
    }

    /// <summary>Pages of data and runs, without a model.</summary>
    private static async Task<int> ServePagesAsync(CommandContext context, ServerOptions settings)
    {
        using var draining = context.Interruption.Saving();
        await using var server = await StartAsync(settings);
        context.Terminal.Say($"Serving pages at {server.Address}");
        await Listening.UntilInterruptedAsync(context.Interrupted);
        await server.StopAsync();
        context.Terminal.Note("Stopped.");
        return ExitCode.Done;
    }

    private static async Task<int> ServeModelAsync(
        CommandContext context, ServeOptions options, ServerOptions settings, EpisodeOptions limits)
    {
        var (backend, note) = Devices.Open(context, batchInvariant: context.Get(SharedOptions.Deterministic));
        using (backend)
        {
            if (note is not null)
            {
                context.Terminal.Note(note);
            }

            using var telemetry = TelemetryExport.Start(Environment.GetEnvironmentVariable);

            // It ends what runs before it ends itself.
            using var draining = context.Interruption.Saving();
            await using var agents = await ServeAgents.OpenAsync(options.Agent, context);
            await using var server = await StartAsync(settings);
            context.Terminal.Note($"Listening on {server.Address}; the model is being loaded.");
            var clock = Stopwatch.StartNew();
            using var models = await Task.Run(() => ServedModels.Load(
                context.Get(SharedOptions.Model), context.Get(options.Adapters) ?? [], backend, new ServedModelsOptions
                {
                    Name = context.Get(options.Name),
                    MaxSequences = context.Get(options.Concurrency) ?? ServedModelsOptions.UsualSequences(backend),
                    Interrupted = context.Interrupted,
                }));
            var served = agents.Served(limits);
            var names = await served.NamesAsync(models);
            server.Serve(models, served);
            Tell(context, server.Address, models, $"{backend.Description}", clock.Elapsed);
            if (names.Count > 0)
            {
                context.Terminal.Note($"Agents that work here with their tools: {string.Join(", ", names)}, by {server.Address}v1/agents");
            }

            await Listening.UntilInterruptedAsync(context.Interrupted);
            context.Terminal.Note("No more requests are taken; those that run are given the time to end.");
            await server.StopAsync();
            context.Terminal.Note("Stopped.");
            return ExitCode.Done;
        }
    }

    private static Task<ModelServer> StartAsync(ServerOptions settings) =>
        Listening.StartAsync(settings.Address, settings.Port, () => ModelServer.StartAsync(settings));

    private static void Tell(CommandContext context, Uri address, ServedModels models, string device, TimeSpan loading)
    {
        context.Terminal.Note(
            $"Loaded in {DurationText.Of(loading)} on {device}: {models.MaxSequences} answers at a time, {models.ContextLength:N0} tokens "
                + $"of context, keys and values of {models.Engine.CacheTokens:N0} tokens ({Fact.Bytes(models.Engine.CacheBytes)}).");
        context.Terminal.Say($"Serving {string.Join(", ", models.Names)} at {address}v1");
        var body = $"{{\"model\": \"{models.DefaultName}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello!\"}}]}}";
        context.Terminal.Next("Try", $"curl {address}v1/chat/completions -d {ShellText.Quoted(body)}");
    }
}
