using System.Numerics.Tensors;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Layers;
using Rebound.Text;

namespace Rebound.Inference.Generation;

/// <summary>
/// Sequences that are generated together, which may join and leave at any step: prompts that wait are packed for one forward
/// pass as far as the cache has room, then all sequences take one token a step. Of a prompt that begins as another one did, the
/// beginning is computed once (<see cref="PrefixCache"/>). What a sequence draws depends on its seed and stream, not on what it
/// shares a batch or a beginning with. One thread uses it at a time.
/// </summary>
public sealed class GenerationBatch : IDisposable
{
    /// <summary>Prompts are packed up to this many tokens, or one prompt that is longer.</summary>
    private const int PrefillTokens = 1024;

    /// <summary>One page of so many may hold the beginning of prompts that have all ended.</summary>
    private const int UnreadShare = 4;

    private readonly LlamaModel _model;
    private readonly Tokenizer? _tokenizer;
    private readonly Sampler _sampler;
    private readonly KeyValueCache _cache;
    private readonly PrefixCache _prefixes;
    private readonly int _maxSequences;
    private readonly int _pages;
    private readonly List<SequenceState> _running = [];
    private Queue<SequenceState> _waiting = new();
    private float[] _logits = [];
    private int _added;

    /// <param name="tokenizer">For text and stop strings; null when only tokens are wanted.</param>
    /// <param name="maxSequences">Most sequences to generate at a time; others wait.</param>
    /// <param name="cacheTokens">Tokens of all sequences whose keys and values are kept; where it is full, sequences wait.</param>
    public GenerationBatch(LlamaModel model, Tokenizer? tokenizer, int maxSequences, int cacheTokens)
        : this(model, maxSequences, KeyValueCache.PagesFor(cacheTokens)) => _tokenizer = tokenizer;

    internal GenerationBatch(LlamaModel model, int maxSequences, int pages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        (_model, _maxSequences, _pages) = (model, maxSequences, pages);
        _sampler = new Sampler(model.Config.VocabularySize);
        _cache = new KeyValueCache(model.Backend, model.Config, pages);
        _prefixes = new PrefixCache(_cache.Allocator, model.Backend.BatchInvariantRows ?? 1, mostUnread: pages / UnreadShare);
    }

    /// <summary>Sequences that are generated or wait.</summary>
    public int Count => _waiting.Count + _running.Count;

    /// <summary>Tokens of all prompts so far that did not have to be computed.</summary>
    public long ReusedTokens { get; private set; }

    /// <summary>Lets a sequence join.</summary>
    /// <param name="stream">With the seed it determines the draws.</param>
    /// <returns>The sequence's number in events.</returns>
    /// <exception cref="ArgumentException">Prompt or options cannot be used, or the cache can never hold the sequence.</exception>
    public int Add(int[] prompt, GenerationOptions options, ulong stream = 0, Guidance? guidance = null)
    {
        var sequence = Prepare(_model, _tokenizer, _added, stream, prompt, guidance, options);
        if (sequence.PagesNeeded > _pages)
        {
            throw new ArgumentException(
                $"The sequence may come to {sequence.PagesNeeded * PageTable.PageTokens} tokens, and the cache holds {_pages * PageTable.PageTokens}: "
                + "shorten the prompt, or allow fewer new tokens.");
        }

        Add(sequence);
        return _added++;
    }

    /// <summary>Lets a sequence leave before its end; one that has ended is gone already.</summary>
    public void Remove(int sequence)
    {
        _waiting = new Queue<SequenceState>(_waiting.Where(state => state.Index != sequence));
        foreach (var state in _running.Where(state => state.Index == sequence))
        {
            Release(state);
        }

        _running.RemoveAll(state => state.Index == sequence);
    }

    /// <summary>One forward pass: the first token of sequences that have joined, or else the next one of all.</summary>
    /// <returns>One event for each sequence that took part.</returns>
    /// <exception cref="NotFiniteException">Weights or logits are not numbers.</exception>
    public IReadOnlyList<GenerationEvent> Step()
    {
        var joining = Admit();
        var sequences = joining.Count > 0 ? joining : [.. _running];
        var rows = sequences.SelectMany(sequence => sequence.Rows).ToArray();
        if (rows.Length == 0)
        {
            return [];
        }

        _running.AddRange(joining);
        Forward(rows, joining.Count > 0);
        CheckFinite(rows);
        if (joining.Count > 0)
        {
            Array.ForEach(rows, _prefixes.Remember);
        }

        var events = new GenerationEvent[sequences.Count];
        var first = 0;
        for (var i = 0; i < events.Length; i++)
        {
            var vocabulary = _model.Config.VocabularySize;
            events[i] = sequences[i].Advance(_sampler, _logits.AsSpan(first * vocabulary, sequences[i].Rows.Length * vocabulary));
            first += sequences[i].Rows.Length;
            if (events[i].Finish is not null)
            {
                Release(sequences[i]);
            }
        }

        _running.RemoveAll(sequence => sequence.Rows[0].Pages.Length == 0);
        return events;
    }

    public void Dispose() => _cache.Dispose();

    internal static SequenceState Prepare(
        LlamaModel model, Tokenizer? tokenizer, int index, ulong stream, int[] prompt, Guidance? guidance, GenerationOptions options)
    {
        options.Validate();
        if (tokenizer is null && options.StopStrings.Length > 0)
        {
            throw new ArgumentException("Stop strings need a tokenizer, which this generator was not given.", nameof(options));
        }

        var text = tokenizer is null ? null : new SequenceText(tokenizer, options);
        return new SequenceState(index, stream, prompt, guidance, options, model.Config.ContextLength, text);
    }

    internal void Add(SequenceState sequence) => _waiting.Enqueue(sequence);

    /// <summary>Takes waiting prompts into the cache, as many as it has room for and as fit into one forward pass.</summary>
    private List<SequenceState> Admit()
    {
        var admitted = new List<SequenceState>();
        var tokens = 0;
        while (_waiting.TryPeek(out var next) && _running.Count + admitted.Count < _maxSequences)
        {
            var missing = next.Rows.Sum(_prefixes.Missing);
            var computing = admitted.SelectMany(sequence => sequence.Rows);
            if ((tokens > 0 && tokens + missing > PrefillTokens) || next.Rows.Any(row => _prefixes.Awaits(row, computing)) || !_prefixes.TryAdmit(next.Rows))
            {
                break;
            }

            tokens += missing;
            ReusedTokens += next.Rows.Sum(row => row.Reused);
            admitted.Add(_waiting.Dequeue());
        }

        return admitted;
    }

    /// <exception cref="NotFiniteException">No token can be chosen by what was computed.</exception>
    private void CheckFinite(CachedTokens[] rows)
    {
        var vocabulary = _model.Config.VocabularySize;
        for (var row = 0; row < rows.Length; row++)
        {
            var largest = TensorPrimitives.MaxMagnitude<float>(_logits.AsSpan(row * vocabulary, vocabulary));
            if (!float.IsFinite(largest))
            {
                throw NotFiniteException.Of(_model, largest, rows[row].Length);
            }
        }
    }

    private void Release(SequenceState sequence) => Array.ForEach(sequence.Rows, _prefixes.Release);

    /// <summary>Computes the logits of every row's last token.</summary>
    private void Forward(CachedTokens[] rows, bool prefill)
    {
        var starts = new int[rows.Length + 1];
        var (lastRows, firstPositions) = (new int[rows.Length], new int[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            firstPositions[i] = prefill ? rows[i].Reused : rows[i].Length - 1;
            starts[i + 1] = starts[i] + rows[i].Length - firstPositions[i];
            lastRows[i] = starts[i + 1] - 1;
        }

        var tokens = new int[starts[^1]];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Tokens[firstPositions[i]..].CopyTo(tokens.AsSpan(starts[i]));
        }

        var batch = new PackedBatch(tokens, starts, firstPositions: firstPositions);
        var table = new PageTable(rows.Select(row => row.Pages));
        var count = checked(rows.Length * _model.Config.VocabularySize);
        if (_logits.Length < count)
        {
            _logits = new float[count];
        }

        _model.Logits(
            batch, lastRows, _logits.AsSpan(0, count), new KeyValueCacheView(_cache.Layers, table, BatchIsWhole: prefill && rows.All(row => row.Reused == 0)));
    }
}
