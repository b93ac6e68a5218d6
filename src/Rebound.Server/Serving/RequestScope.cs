using Microsoft.AspNetCore.Http;
using Rebound.Agents.Tools;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Server.Telemetry;
using Rebound.Trajectories.Chat;

namespace Rebound.Server.Serving;

/// <summary>A request from when it is taken to when it is answered.</summary>
internal sealed class RequestScope : IDisposable
{
    private readonly HttpContext _context;
    private readonly IDisposable _places;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _ends;
    private readonly TimeSpan _timeout;
    private readonly Action<string>? _note;

    public RequestScope(
        HttpContext context, ServedModels models, ModelChoice choice, string modelName, ulong seed, IDisposable places,
        ServerOptions options, RequestTelemetry telemetry)
    {
        (_context, Models, Choice, ModelName, Seed, _places) = (context, models, choice, modelName, seed, places);
        Telemetry = telemetry;
        (_timeout, _note) = (options.RequestTimeout, options.Note);
        _deadline = new CancellationTokenSource(_timeout, options.Clock);
        _ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _deadline.Token);
        Created = options.Clock.GetUtcNow().ToUnixTimeSeconds();
    }

    public ServedModels Models { get; }

    public RequestTelemetry Telemetry { get; }

    public ModelChoice Choice { get; }

    /// <summary>The model as the request names it.</summary>
    public string ModelName { get; }

    /// <summary>Seconds since 1970.</summary>
    public long Created { get; }

    /// <summary>Of the draws, where the request has none.</summary>
    public ulong Seed { get; }

    /// <summary>Cancelled when the client has gone, and when the time is over.</summary>
    public CancellationToken Ends => _ends.Token;

    /// <summary>A failure as it is told to the client; null where there is no client any more.</summary>
    public ApiException? Explain(Exception failure) => failure switch
    {
        ApiException known => known,
        _ when _context.RequestAborted.IsCancellationRequested => null,
        OperationCanceledException when _deadline.IsCancellationRequested =>
            ApiException.TimedOut($"The answer was not whole after {_timeout.TotalSeconds:0} s, the longest that a request may take here."),
        ToolServerException => ApiException.Failed("A server of the agent's tools is gone; whoever runs this server can see why.", failure),
        ModelException { InnerException: ArgumentException problem } => ApiException.Invalid(null, WithoutParameter(problem), failure),
        ObjectDisposedException => ApiException.Unavailable("The server is stopping."),
        ModelException { InnerException: null } => ApiException.Unavailable("The server is stopping."),
        ModelException { InnerException: NotFiniteException problem } => ApiException.Failed(problem.Message, failure),
        _ => ApiException.Failed("The model failed; whoever runs the server can see why.", failure),
    };

    /// <summary>Tells whoever runs the server.</summary>
    public void Note(string sentence) => _note?.Invoke(sentence);

    public void Dispose()
    {
        Telemetry.Dispose();
        Choice.Model.Leave();
        _places.Dispose();
        _ends.Dispose();
        _deadline.Dispose();
    }

    /// <summary>The message without the name of a parameter, which .NET adds for callers in C#.</summary>
    private static string WithoutParameter(ArgumentException problem) =>
        problem.ParamName is { } name ? problem.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : problem.Message;
}
