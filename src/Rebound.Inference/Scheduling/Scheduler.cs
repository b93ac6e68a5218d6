using System.Runtime.InteropServices;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Text;

namespace Rebound.Inference.Scheduling;

/// <summary>
/// Continuous batching: sequences join and leave at any step. A step is a forward pass over the next token of every running
/// sequence and over chunks of the prompts that are still being read, up to a budget of tokens, in one batch or two. What a sequence
/// draws depends on its seed and stream, not on what it shares a step, a page or a beginning with. One thread uses it at a time.
/// </summary>
public sealed class Scheduler : IDisposable
{
    /// <summary>More rows than few, and less than a page, which would stay.</summary>
    private const int WarmUpPrompt = 48;

    /// <summary>Of a prompt, of a step that runs, of one that is recorded, and of one that runs the recording.</summary>
    private const int WarmUpTokens = 4;

    private readonly LlamaModel _model;
    private readonly Tokenizer? _tokenizer;
    private readonly PreparedSampling _sampling;
    private readonly List<SamplingRow> _rows = [];
    private readonly KeyValueCache _cache;
    private readonly RunningSequences _running;
    private readonly StepPlanner _planner;
    private readonly bool _decodesApart;
    private readonly int _mostStepTokens;
    private readonly HashSet<LlamaModel> _prepared = [];
    private PromptReader? _reader;
    private Drawing? _drawing;
    private int _added;

    /// <param name="tokenizer">For text and stop strings; null when only tokens are wanted.</param>
    /// <exception cref="ArgumentException">Options are outside of their range.</exception>
    /// <exception cref="InsufficientMemoryException">The device has less memory than the cache takes.</exception>
    public Scheduler(LlamaModel model, Tokenizer? tokenizer, SchedulerOptions options)
    {
        options.Validate();
        (_model, _tokenizer) = (model, tokenizer);
        var pages = CacheSize.Pages(model, options);
        _cache = new KeyValueCache(model.Backend, model.Config, pages);
        _sampling = model.Backend.AllocateSampling(options.MaxSequences + DecodingSizes.MostPadding, model.Config.VocabularySize);
        _mostStepTokens = CacheSize.MostStepTokens(model.Backend, options);
        Attach(model);
        _decodesApart = options.DecodesApartOn(model);
        _running = new RunningSequences(model.Backend, pages);
        _planner = new StepPlanner(_running, options.MaxSequences, options.StepTokensOn(model.Backend), gathers: _decodesApart);
        CacheTokens = pages * PageTable.PageTokens;
    }

    /// <summary>Sequences that are generated or wait.</summary>
    public int Count => _planner.Waiting + _running.Count;

    /// <summary>Sequences that are generated; the others wait.</summary>
    public int Running => _running.Count;

    /// <summary>Tokens whose keys and values the cache has room for.</summary>
    public int CacheTokens { get; }

    /// <summary>Bytes of the cache.</summary>
    public long CacheBytes => KeyValueCache.PageBytes(_model.Backend, _model.Config) * (CacheTokens / PageTable.PageTokens);

    /// <summary>Tokens that were found in the cache so far and did not have to be computed.</summary>
    public long ReusedTokens => _running.ReusedTokens;

    /// <summary>Tokens of sequences that joined so far, which were looked up in the cache.</summary>
    public long LookedUpTokens => _running.LookedUpTokens;

    /// <summary>Tokens whose places running sequences hold; those that are only kept for who begins alike are not among them.</summary>
    public int HeldTokens => CacheTokens - (_running.AvailablePages * PageTable.PageTokens);

    /// <summary>Tokens that the last step computed.</summary>
    public int StepTokens { get; private set; }

    /// <summary>How often a sequence had to give its pages back, to be computed again, since others needed them.</summary>
    public long Preemptions => _running.Preemptions;

    /// <summary>
    /// Makes a model ready that shares this one's weights beside another adapter, to be named in <see cref="Add(int[], GenerationOptions,
    /// ulong, Guidance?, LlamaModel?, Tokenizer?)"/>. Sequences of several models share the cache and its pages, and a step has a pass
    /// for each.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">The device has less memory than a step takes.</exception>
    public void Attach(LlamaModel model)
    {
        if (_prepared.Add(model) && model.Backend.CanRecord)
        {
            // A workspace that grew later would leave nothing valid of what was recorded.
            model.Reserve(_mostStepTokens, backward: false);
        }
    }

    /// <summary>Forgets a model that was attached, so that it can be disposed of; no sequence of it may be left.</summary>
    public void Detach(LlamaModel model) => _prepared.Remove(model);

    /// <summary>Lets a sequence join.</summary>
    /// <param name="stream">With the seed it determines the draws.</param>
    /// <param name="model">One that was attached; null for the scheduler's own.</param>
    /// <param name="tokenizer">Of that model; null for the scheduler's own.</param>
    /// <returns>The sequence's number in events.</returns>
    /// <exception cref="ArgumentException">Prompt or options cannot be used, or the cache can never hold the sequence.</exception>
    public int Add(
        int[] prompt, GenerationOptions options, ulong stream = 0, Guidance? guidance = null, LlamaModel? model = null,
        Tokenizer? tokenizer = null)
    {
        model ??= _model;
        if (!_prepared.Contains(model))
        {
            throw new ArgumentException("The model has not been attached, or no longer is.", nameof(model));
        }

        Add(Prepare(model, tokenizer ?? _tokenizer, _added, stream, prompt, guidance, options));
        return _added++;
    }

    /// <summary>Lets a sequence leave before its end; one that has ended is gone already.</summary>
    public void Cancel(int sequence)
    {
        _planner.Cancel(sequence);
        if (_running.Find(sequence) is { } running)
        {
            running.HasEnded = true;
            _running.Leave(running);
        }
    }

    /// <summary>
    /// One step. Where operations are enqueued (<see cref="Backend.CanRecord"/>), the device computes it while the host takes
    /// the tokens of the step before, which are those that come back.
    /// </summary>
    /// <returns>One event for each sequence that got a token.</returns>
    /// <exception cref="NotFiniteException">Weights or logits are not numbers.</exception>
    public IReadOnlyList<GenerationEvent> Step()
    {
        var events = new List<GenerationEvent>();
        if (_drawing is not null && (_running.Any(sequence => sequence.NeedsTokens) || _prepared.Count > 1))
        {
            Take(ref _drawing, events);
        }

        _planner.Plan();
        var before = _drawing;
        var batches = StepBatches.Of(_running, _cache.SparePage, _decodesApart);
        StepTokens = batches.Sum(batch => batch.Batch.TokenCount - batch.Padding);
        _drawing = batches.Count > 0 ? Launch(batches) : null;
        Take(ref before, events);
        if (!_model.Backend.CanRecord)
        {
            Take(ref _drawing, events);
        }

        return events;
    }

    /// <summary>
    /// Generates a few tokens that nobody gets, so that kernels are compiled and the first step's operations known before somebody waits
    /// for them. To be called before anything is added.
    /// </summary>
    /// <exception cref="NotFiniteException">Weights or logits are not numbers.</exception>
    internal void WarmUp()
    {
        var prompt = new int[Math.Min(WarmUpPrompt, _model.Config.ContextLength / 2)];
        Add(Prepare(_model, null, 0, 0, prompt, null, new GenerationOptions { MaxNewTokens = WarmUpTokens }));
        while (Count > 0 || _drawing is not null)
        {
            Step();
        }

        _running.ForgetCounts();
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _sampling.Dispose();
        _cache.Dispose();
    }

    internal static Sequence Prepare(
        LlamaModel model, Tokenizer? tokenizer, int index, ulong stream, int[] prompt, Guidance? guidance, GenerationOptions options)
    {
        options.Validate();
        if (tokenizer is null && options.StopStrings.Length > 0)
        {
            throw new ArgumentException("Stop strings need a tokenizer, which this generator was not given.", nameof(options));
        }

        if (options.Sampling.LogitBias.Keys.FirstOrDefault(token => token >= model.Config.VocabularySize, -1) is >= 0 and var token)
        {
            throw new ArgumentException(
                $"The logit bias names token {token}, and this model has tokens 0 to {model.Config.VocabularySize - 1}.", nameof(options));
        }

        var text = tokenizer is null ? null : new SequenceText(tokenizer, options);
        var constrained = options.Constraint?.Begin(options.StopTokenIds, model.Config.VocabularySize);
        return new Sequence(index, stream, prompt, guidance, options, model.Config.ContextLength, text, constrained) { Model = model };
    }

    /// <exception cref="ArgumentException">The cache can never hold the sequence.</exception>
    internal void Add(Sequence sequence)
    {
        if (sequence.MostPages > CacheTokens / PageTable.PageTokens)
        {
            throw new ArgumentException(
                $"The sequence may come to {sequence.MostPages * PageTable.PageTokens} tokens, and the cache holds {CacheTokens}: "
                + "shorten the prompt, or allow fewer new tokens.");
        }

        _planner.Add(sequence);
    }

    /// <summary>Lets the device compute a step, and draw a token for each of the sequences that get one.</summary>
    private Drawing Launch(IReadOnlyList<StepBatch> batches)
    {
        _rows.Clear();
        foreach (var batch in batches)
        {
            _rows.AddRange(batch.Chosen.Select(sequence => sequence.SamplingRow()));
            _rows.AddRange(Enumerable.Repeat(new SamplingRow(), batch.Padding));
        }

        _sampling.Refill(CollectionsMarshal.AsSpan(_rows));
        var first = 0;
        foreach (var batch in batches)
        {
            Launch(batch, new SamplingRange(_sampling, first, batch.Draws));
            first += batch.Draws;
        }

        _running.Advance();
        return new Drawing(batches, _sampling.Collect());
    }

    private void Launch(StepBatch batch, SamplingRange draws)
    {
        if (batch.IsDecoding)
        {
            batch.Model.Decode(batch.Batch, batch.Rows, batch.Sources, draws, batch.View(_cache));
        }
        else
        {
            var reader = batch.Scored.Length > 0 ? (_reader ??= new PromptReader(_model.Config.VocabularySize)).For(batch) : null;
            batch.Model.Sample(batch.Batch, batch.Rows, batch.Sources, draws, batch.View(_cache), reader);
        }

        for (var i = 0; i < batch.Chosen.Length; i++)
        {
            batch.Chosen[i].Expect(draws.First + i);
        }
    }

    /// <summary>Takes the tokens that a step drew, once it has; null for no step.</summary>
    /// <exception cref="NotFiniteException">No token can be chosen by what was computed.</exception>
    private void Take(ref Drawing? drawing, List<GenerationEvent> events)
    {
        if (drawing is not { } taken)
        {
            return;
        }

        drawing = null;
        var drawn = _sampling.Read(taken.Ticket);
        foreach (var batch in taken.Batches)
        {
            Take(batch, drawn[..batch.Draws], events);
            drawn = drawn[batch.Draws..];
        }
    }

    /// <param name="drawn">What was drawn for a batch.</param>
    private void Take(StepBatch batch, ReadOnlySpan<SampledToken> drawn, List<GenerationEvent> events)
    {
        for (var i = 0; i < batch.Chosen.Length; i++)
        {
            var sequence = batch.Chosen[i];
            if (sequence.HasEnded)
            {
                continue;
            }

            if (drawn[i].Token < 0)
            {
                throw NotFiniteException.Of(batch.Model, drawn[i].LogProbability, batch.Length(i));
            }

            events.Add(sequence.Take(drawn[i]));
            if (events[^1].Finish is not null)
            {
                Cancel(sequence.Index);
            }
        }
    }

    /// <summary>A step whose tokens are being drawn.</summary>
    private sealed record Drawing(IReadOnlyList<StepBatch> Batches, SamplingTicket Ticket);
}
