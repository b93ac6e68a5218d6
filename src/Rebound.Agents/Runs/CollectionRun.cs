using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Runs;

/// <summary>Collects episodes: a model tries a task's questions at several temperatures, and every episode is kept.</summary>
public sealed class CollectionRun : IDisposable
{
    private readonly AgentModel _model;
    private readonly AgentSetup _setup;
    private readonly ToolSet _tools;
    private readonly CollectionOptions _options;

    private CollectionRun(AgentModel model, AgentSetup setup, ToolSet tools, CollectionOptions options)
    {
        (_model, _setup, _tools, _options) = (model, setup, tools, options);
        Attempts = Attempt.Plan(setup.Questions, options.Temperatures, options.Samples);
        Folder = CollectionFolder.Open(options.OutputFolder, Describe());
    }

    /// <summary>The episodes that there are to be.</summary>
    public IReadOnlyList<Attempt> Attempts { get; }

    /// <summary>Where they are kept.</summary>
    public CollectionFolder Folder { get; }

    /// <summary>Whether the tools add to the prompt; the folder then keeps the prompt with them.</summary>
    public bool HasOwnPrompt => _setup.PromptWith(_tools) != _setup.Prompt;

    /// <summary>Takes the folder; the model's weights are not read yet.</summary>
    /// <param name="model">Stays the caller's to dispose of, as the tools do.</param>
    /// <exception cref="OptionsException">Options are wrong; all problems are told.</exception>
    /// <exception cref="DataException">The folder holds another collection.</exception>
    /// <exception cref="IOException">Another run is at work there.</exception>
    public static CollectionRun Open(AgentModel model, AgentSetup setup, ToolSet tools, CollectionOptions options)
    {
        OptionsException.ThrowIfAny(options.Validate());
        return new CollectionRun(model, setup, tools, options);
    }

    /// <summary>Makes the attempts that the folder does not hold yet; the model is made ready for the first of them.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what ended is kept.</exception>
    public async Task<CollectionResult> RunAsync(IEpisodesObserver? observer = null, CancellationToken cancellation = default)
    {
        observer ??= new UnobservedEpisodes();
        var client = new Lazy<IChatClient>(() => _model.Open(_options.Concurrency, _model.Meter));
        if (HasOwnPrompt)
        {
            Folder.WritePrompt(_setup.PromptWith(_tools));
        }

        observer.Began(_setup.Condition, Attempts.Count, _model.Meter);
        try
        {
            var collector = new Collector(Folder, _options.Budget, _options.Concurrency * _model.Places, TimeProvider.System)
            {
                Broken = () => _model.Broken,
            };
            return await collector.RunAsync(
                Attempts, (attempt, stop) => TryAsync(client.Value, attempt, stop), observer.Progressed, cancellation);
        }
        finally
        {
            observer.Ended();
        }
    }

    public void Dispose() => Folder.Dispose();

    private async Task<Episode> TryAsync(IChatClient client, Attempt attempt, CancellationToken stop)
    {
        var options = _setup.Episodes with
        {
            Temperature = attempt.Temperature,
            Seed = _options.Seed is { } seed ? EpisodeSeed.Of(seed, attempt.Key) : null,
        };
        await _tools.RefreshAsync(stop);
        var prompt = _setup.PromptWith(_tools).Ask(attempt.Question.Question, _setup.Condition);
        using var place = ChatPlace.Take(client);
        var metered = _model.Metered(place.Client, _model.Meter);
        var episode = await new EpisodeRunner(metered, _tools, _setup.Task.Judge, options, TimeProvider.System)
            .RunAsync(attempt.Question, prompt, stop);
        _model.ThrowIfBroken();
        return episode;
    }

    /// <summary>Everything that decides how episodes go, so that two collections are never mixed in one folder.</summary>
    private JsonObject Describe()
    {
        var description = _setup.Describe();
        _model.Describe(description);
        description["tools"] = string.Join(", ", _tools.ActionNames);
        if (_options.Seed is { } seed)
        {
            description["seed"] = seed;
        }

        return description;
    }
}
