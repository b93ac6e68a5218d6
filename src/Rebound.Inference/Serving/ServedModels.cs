using System.Diagnostics.CodeAnalysis;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;

namespace Rebound.Inference.Serving;

/// <summary>
/// A model in memory with the engine that generates for it, and adapters beside it, each a model of its own. A model that was trained here
/// has more names: after a colon a condition of its prompt, or <see cref="Raw"/>.
/// </summary>
public sealed class ServedModels : IDisposable
{
    /// <summary>Behind a model's name: to be asked with the messages as they stand.</summary>
    public const string Raw = "raw";

    private const char Separator = ':';

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly HashSet<ServedModel> _leaving = [];
    private readonly ServedModel _base;
    private readonly string _location;
    private readonly ServedModelsOptions _options;

    private ServedModels(ServedModel model, string location, EngineLoop engine, ServedModelsOptions options)
    {
        (_base, _location, Engine, _options) = (model, location, engine, options);
        _models.Add(model.Name, model);
        Default = model;
    }

    /// <summary>Generates for all of them.</summary>
    public EngineLoop Engine { get; }

    /// <summary>Most answers that are generated at a time.</summary>
    public int MaxSequences => _options.MaxSequences;

    /// <summary>Tokens that a prompt and its answer may come to.</summary>
    public int ContextLength => _base.ContextLength;

    /// <summary>The name of the model that is asked where a request names none.</summary>
    public string DefaultName => Default.Name;

    /// <summary>All names that requests may use, the default model's first.</summary>
    public IReadOnlyList<string> Names =>
        [.. Snapshot().OrderBy(model => model == Default ? 0 : 1).SelectMany(model => NamesOf(model).Prepend(model.Name))];

    /// <summary>The models and adapters, the default one first.</summary>
    public IReadOnlyList<ModelDescription> Descriptions =>
        [.. Snapshot().OrderBy(model => model == Default ? 0 : 1).Select(ModelDescription.Of)];

    /// <summary>How each of them reads texts, the default model first.</summary>
    public IReadOnlyList<ModelText> Texts =>
        [.. Snapshot().OrderBy(model => model == Default ? 0 : 1).Select(model => new ModelText(model))];

    /// <summary>The model that is asked where a request names none.</summary>
    public ServedModel Default { get; private set; }

    /// <summary>Reads a model, and adapters beside it, into a backend's memory.</summary>
    /// <param name="path">
    /// A Hugging Face folder, a .gguf file, or an adapter with the model that it was trained on, which is the default then; null for the
    /// model of the first adapter.
    /// </param>
    /// <param name="adapters">Folders of adapters for that model; the first one is the default.</param>
    /// <param name="backend">Not owned.</param>
    /// <exception cref="CheckpointException">One of them cannot be read, or is an adapter of another model.</exception>
    /// <exception cref="ArgumentException">Two models would have the same name.</exception>
    public static ServedModels Load(string? path, IReadOnlyList<string> adapters, Backend backend, ServedModelsOptions options)
    {
        using var named = path is null ? ModelSource.Open(null, adapters[0]) : ModelSource.Open(path);
        if (named.Adapter is { } adapter && path is not null)
        {
            adapters = [adapter.Location, .. adapters];
        }

        var source = ModelSource.Open(named.Location);
        source.Interrupted = options.Interrupted;
        LlamaModel? weights = null;
        ServedModels? models = null;
        try
        {
            weights = source.Load(backend);
            var served = new ServedModel(options.Name ?? NameOf(source.Location), source, weights, null, options.Clock.GetUtcNow());
            var scheduler = new Scheduler(
                weights, served.Tokenizer,
                new SchedulerOptions { MaxSequences = options.MaxSequences, CacheTokens = options.CacheTokens });
            WarmUp(scheduler, backend);
            models = new ServedModels(served, source.Location, new EngineLoop(scheduler), options);
            foreach (var folder in adapters)
            {
                models.AddAsync(NameOf(folder), folder).GetAwaiter().GetResult();
            }

            models.Default = adapters.Count == 0 ? served : models._models[NameOf(adapters[0])];
            return models;
        }
        catch
        {
            if (models is null)
            {
                weights?.Dispose();
                source.Dispose();
            }

            models?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Engine.Dispose();
        foreach (var model in _leaving.Concat(_models.Values.Reverse()).ToArray())
        {
            model.Dispose();
        }
    }

    /// <summary>Reads an adapter beside the base, between two steps of the engine.</summary>
    /// <exception cref="CheckpointException">It is no adapter of this model.</exception>
    /// <exception cref="ArgumentException">A model has the name.</exception>
    /// <param name="replaces">Whether it takes the place of an adapter that has the name.</param>
    public async Task AddAsync(string name, string folder, bool replaces = false)
    {
        RequireFree(name, replaces);
        var source = ModelSource.Open(_location, folder);
        LlamaModel? weights = null;
        try
        {
            await Engine.InvokeAsync(scheduler =>
            {
                weights = source.LoadBeside(_base.Weights);
                scheduler.Attach(weights);
            });
            var model = new ServedModel(name, source, weights!, _base, _options.Clock.GetUtcNow());
            lock (_lock)
            {
                RequireFree(name, replaces);
                if (_models.ContainsKey(name))
                {
                    var isDefault = Default.Name == name;
                    Remove(name);
                    Default = isDefault ? model : Default;
                }

                _models.Add(name, model);
            }
        }
        catch
        {
            if (weights is not null)
            {
                await Engine.InvokeAsync(scheduler => Release(scheduler, weights));
            }

            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes an adapter away: no request begins with it any more, and its memory is free when those that run have ended. What it computed
    /// is never read again, since the cache knows it by its version, not by its name.
    /// </summary>
    /// <exception cref="UnknownModelException">There is no model of this name.</exception>
    /// <exception cref="ArgumentException">It is the base.</exception>
    public void Remove(string name)
    {
        lock (_lock)
        {
            if (!_models.TryGetValue(name, out var model) || model.Base is null)
            {
                throw model is null ? Unknown(name, null)
                    : new ArgumentException($"'{Shortened(name)}' is the base model, which stays as long as its adapters.");
            }

            _models.Remove(name);
            _leaving.Add(model);
            if (Default == model)
            {
                Default = _base;
            }

            model.Close(() => Free(model));
        }
    }

    /// <summary>The models and their adapters, in the order in which they were loaded.</summary>
    public IReadOnlyList<ServedModel> Snapshot()
    {
        lock (_lock)
        {
            return [.. _models.Values];
        }
    }

    /// <summary>The names of a model with a condition behind them; none for one that was not trained here.</summary>
    public static IReadOnlyList<string> NamesOf(ServedModel model) => model.Profile?.Card?.Prompt is not { } prompt ? [] :
    [
        .. new[] { prompt.Negative is null ? null : "negative", prompt.Question is null ? null : Conversation.Unconditioned, Raw }
            .Concat(prompt.Conditions.Select(condition => condition.Name).Except([prompt.Positive, prompt.Negative]))
            .OfType<string>().Distinct(StringComparer.Ordinal).Select(condition => $"{model.Name}{Separator}{condition}"),
    ];

    /// <summary>The model of a name; the caller lets it go when its request is over.</summary>
    /// <param name="name">Null for the default model.</param>
    /// <exception cref="UnknownModelException">There is none.</exception>
    public ModelChoice Enter(string? name)
    {
        lock (_lock)
        {
            var (model, condition) = FindHeld(name);
            var prompt = model.Profile?.Card?.Prompt;
            var choice = condition switch
            {
                Raw => new ModelChoice(model, null, null),
                _ when prompt is null => condition is null
                    ? new ModelChoice(model, null, null)
                    : throw Unknown(name!, $"{model.Name} was not trained with conditions"),
                null => new ModelChoice(model, prompt, prompt.Positive),
                _ => new ModelChoice(model, prompt, ConditionOf(prompt, condition, name!)),
            };
            return model.TryEnter() ? choice : throw Unknown(name!, "it is being unloaded");
        }
    }

    /// <summary>Compiles what a GPU's first answer would wait for, about half a second.</summary>
    private static void WarmUp(Scheduler scheduler, Backend backend)
    {
        if (!backend.CanRecord)
        {
            return;
        }

        try
        {
            scheduler.WarmUp();
        }
        catch (NotFiniteException)
        {
            // Whoever asks is told.
        }
    }

    /// <summary>The name of a folder or a file, without what files end with.</summary>
    private static string NameOf(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(name) : name;
    }

    private static void Release(Scheduler scheduler, LlamaModel weights)
    {
        scheduler.Detach(weights);
        weights.Dispose();
    }

    /// <summary>Gives an adapter's memory back, between two steps of the engine.</summary>
    private void Free(ServedModel model)
    {
        try
        {
            _ = Engine.InvokeAsync(scheduler =>
            {
                scheduler.Detach(model.Weights);
                lock (_lock)
                {
                    _leaving.Remove(model);
                }

                model.Dispose();
            });
        }
        catch (ObjectDisposedException)
        {
            // The server has stopped: it goes with all others.
        }
    }

    private static string ConditionOf(PromptTemplate prompt, string condition, string name)
    {
        try
        {
            return prompt.Find(condition);
        }
        catch (ArgumentException e)
        {
            throw Unknown(name, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>The model of a name, and the condition behind it.</summary>
    /// <param name="name">Null for the default model.</param>
    /// <exception cref="UnknownModelException">There is none.</exception>
    public (ServedModel Model, string? Condition) Find(string? name)
    {
        lock (_lock)
        {
            return FindHeld(name);
        }
    }

    private (ServedModel Model, string? Condition) FindHeld(string? name)
    {
        if (name is null || _models.TryGetValue(name, out var model))
        {
            return (name is null ? Default : _models[name], null);
        }

        var end = name.LastIndexOf(Separator);
        return end >= 0 && _models.TryGetValue(name[..end], out model) ? (model, name[(end + 1)..]) : throw Unknown(name, null);
    }

    private void RequireFree(string name, bool replaces)
    {
        lock (_lock)
        {
            if (_models.TryGetValue(name, out var model) && !(replaces && model.Base is not null))
            {
                throw new ArgumentException(model.Base is null
                    ? $"'{name}' is the base model's name; choose another one for the adapter."
                    : $"There is an adapter with the name '{name}'; unload it first, or choose another name.");
            }
        }
    }

    private static UnknownModelException Unknown(string name, string? why) =>
        new($"There is no model '{Shortened(name)}'{(why is null ? "" : $": {why}")}.");

    private static string Shortened(string name) => name.Length > 100 ? name[..100] + "…" : name;
}
