using Microsoft.AspNetCore.Http;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Server.Agents;
using Rebound.Server.Http;
using Rebound.Server.Telemetry;

namespace Rebound.Server.Serving;

/// <summary>The state that the endpoints of a server share.</summary>
internal sealed class ServerState(ServerOptions options) : IServerView
{
    private readonly SeedSequence _seeds = new(options.Seed);
    private volatile Loaded? _loaded;

    public ServerOptions Options { get; } = options;

    public UnknownMembers Unknown { get; } = new(options.Note);

    public ServerMetrics Metrics { get; } = new();

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsReady => _loaded is not null || !Options.HasModel;

    ServedModels? IServerView.Loaded => _loaded?.Models;

    /// <exception cref="ApiException">They are being loaded.</exception>
    public ServedModels Models => Ready.Models;

    /// <summary>The agents that the models are; null where they are let do nothing.</summary>
    public ServedAgents? Agents => _loaded?.Agents;

    private Loaded Ready => _loaded ?? throw (Options.HasModel
        ? ApiException.Unavailable("The model is being loaded: try again in a moment.")
        : ApiException.NotFound("model_not_found", "This server has no model: it was started to look at data and runs."));

    public void Serve(ServedModels models, ServedAgents? agents)
    {
        models.Engine.OnStep = Metrics.Step;
        // Counts that are there from the start, at zero: a rate begins with the first request, not with the second.
        foreach (var model in models.Snapshot())
        {
            _ = Metrics.Of(model.Name);
        }

        _loaded = new Loaded(models, new Admission(models.MaxSequences + Options.MaxWaiting), agents);
    }

    /// <summary>A request for some answers begins.</summary>
    /// <param name="operation">OpenTelemetry's name of it: <c>chat</c>, <c>text_completion</c> or <c>invoke_agent</c>.</param>
    /// <param name="model">As the request names it; null for the default.</param>
    /// <exception cref="ApiException">It cannot be taken.</exception>
    /// <exception cref="UnknownModelException">There is no such model.</exception>
    public RequestScope Begin(HttpContext context, string operation, string? model, int answers)
    {
        var (models, admission, _) = Ready;
        var choice = models.Enter(model);
        try
        {
            var seed = _seeds.Next();
            var (name, places) = (model ?? models.DefaultName, admission.Enter(answers));
            var telemetry = new RequestTelemetry(Metrics.Of(choice.Model.Name), Options.Clock, operation, name);
            return new RequestScope(context, models, choice, name, seed, places, Options, telemetry);
        }
        catch
        {
            choice.Model.Leave();
            throw;
        }
    }

    private sealed record Loaded(ServedModels Models, Admission Admission, ServedAgents? Agents);
}
