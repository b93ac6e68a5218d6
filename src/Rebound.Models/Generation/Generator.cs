using System.Text;
using Rebound.Engine;
using Rebound.Models.Layers;
using Rebound.Text;

namespace Rebound.Models.Generation;

/// <summary>
/// Generates continuations of many prompts of different lengths together: prompts are packed for one forward pass, then
/// all sequences take one token a step, keys and values being cached in pages; a sequence that ends makes room for the
/// next prompt. What a sequence draws depends on the seed and its own number, not on what it shares a batch with.
/// </summary>
public sealed class Generator
{
    /// <summary>Prompts are packed up to this many tokens, or one prompt that is longer.</summary>
    private const int PrefillTokens = 1024;

    private readonly LlamaModel _model;
    private readonly Tokenizer? _tokenizer;
    private readonly Sampler _sampler;
    private readonly int _maxSequences;
    private float[] _logits = [];

    /// <param name="tokenizer">For text and stop strings; null when only tokens are wanted.</param>
    /// <param name="maxSequences">Most sequences to generate at a time; more share the reading of weights, and take more cache.</param>
    public Generator(LlamaModel model, Tokenizer? tokenizer = null, int maxSequences = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        _model = model;
        _tokenizer = tokenizer;
        _maxSequences = maxSequences;
        _sampler = new Sampler(model.Config.VocabularySize);
    }

    /// <summary>Generates a continuation of every prompt.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <returns>A result for each prompt, in their order.</returns>
    /// <exception cref="ArgumentException">Options or prompts that cannot be used; nothing has been generated.</exception>
    public GenerationResult[] Generate(
        IReadOnlyList<int[]> prompts, GenerationOptions options, CancellationToken cancellation = default)
    {
        var tokens = prompts.Select(_ => new List<int>()).ToArray();
        var texts = prompts.Select(_ => new StringBuilder()).ToArray();
        var reasons = new FinishReason[prompts.Count];
        foreach (var step in Stream(prompts, options, cancellation))
        {
            tokens[step.Sequence].Add(step.Token);
            texts[step.Sequence].Append(step.Text);
            reasons[step.Sequence] = step.Finish ?? default;
        }

        return [.. prompts.Select((_, i) => new GenerationResult([.. tokens[i]], texts[i].ToString(), reasons[i]))];
    }

    /// <summary>Generates continuations token by token; the tokens of different sequences interleave.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <exception cref="ArgumentException">Options or prompts that cannot be used; nothing has been generated.</exception>
    public IEnumerable<GenerationEvent> Stream(
        IReadOnlyList<int[]> prompts, GenerationOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        if (_tokenizer is null && options.StopStrings.Length > 0)
        {
            throw new ArgumentException("Stop strings need a tokenizer, which this generator was not given.", nameof(options));
        }

        var sequences = prompts.Select((prompt, index) => new SequenceState(
            index, prompt, options, _model.Config.ContextLength,
            _tokenizer is null ? null : new SequenceText(_tokenizer, options.StopStrings)));
        return Run([.. sequences], cancellation);
    }

    private IEnumerable<GenerationEvent> Run(SequenceState[] sequences, CancellationToken cancellation)
    {
        if (sequences.Length == 0)
        {
            yield break;
        }

        // Enough pages for whichever sequences come to run together.
        var pages = sequences.Select(sequence => sequence.PagesNeeded).OrderDescending().Take(_maxSequences).Sum();
        using var cache = new KeyValueCache(_model.Backend, _model.Config, pages);
        var waiting = new Queue<SequenceState>(sequences);
        var running = new List<SequenceState>();
        while (waiting.Count + running.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var step = Admit(waiting, running.Count, cache.Allocator);
            var prefill = step.Count > 0;
            step = prefill ? step : running;
            Forward(step, prefill, cache);
            for (var i = 0; i < step.Count; i++)
            {
                var chosen = step[i].Advance(_sampler, LogitsOf(i));
                yield return chosen;
                if (chosen.Finish is not null)
                {
                    cache.Allocator.Return(step[i].Pages);
                    step[i].Pages = [];
                }
            }

            if (prefill)
            {
                running.AddRange(step);
            }

            running.RemoveAll(sequence => sequence.Pages.Length == 0);
        }
    }

    /// <summary>Takes waiting prompts into the cache, as many as fit into one forward pass.</summary>
    private List<SequenceState> Admit(Queue<SequenceState> waiting, int running, PageAllocator allocator)
    {
        var admitted = new List<SequenceState>();
        var tokens = 0;
        while (waiting.TryPeek(out var next) && running + admitted.Count < _maxSequences
            && (tokens == 0 || tokens + next.Length <= PrefillTokens))
        {
            next.Pages = allocator.Take(next.PagesNeeded);
            tokens += next.Length;
            admitted.Add(waiting.Dequeue());
        }

        return admitted;
    }

    private ReadOnlySpan<float> LogitsOf(int sequence)
    {
        var vocabulary = _model.Config.VocabularySize;
        return _logits.AsSpan(sequence * vocabulary, vocabulary);
    }

    /// <summary>Computes the logits of every sequence's last token.</summary>
    private void Forward(List<SequenceState> sequences, bool prefill, KeyValueCache cache)
    {
        var starts = new int[sequences.Count + 1];
        var (lastRows, firstPositions) = (new int[sequences.Count], new int[sequences.Count]);
        for (var i = 0; i < sequences.Count; i++)
        {
            starts[i + 1] = starts[i] + (prefill ? sequences[i].Length : 1);
            lastRows[i] = starts[i + 1] - 1;
            firstPositions[i] = prefill ? 0 : sequences[i].Length - 1;
        }

        var tokens = new int[starts[^1]];
        for (var i = 0; i < sequences.Count; i++)
        {
            sequences[i].Tokens[firstPositions[i]..].CopyTo(tokens.AsSpan(starts[i]));
        }

        var batch = new PackedBatch(tokens, starts, firstPositions: firstPositions);
        var table = new PageTable(sequences.Select(sequence => sequence.Pages));
        var count = checked(sequences.Count * _model.Config.VocabularySize);
        if (_logits.Length < count)
        {
            _logits = new float[count];
        }

        _model.Logits(
            batch, lastRows, _logits.AsSpan(0, count), new KeyValueCacheView(cache.Layers, table, BatchIsWhole: prefill));
    }
}
