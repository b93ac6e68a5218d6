using System.Text;
using Rebound.Engine;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Text;

namespace Rebound.Inference.Generation;

/// <summary>
/// Generates continuations of many prompts of different lengths together, as a <see cref="Scheduler"/>; a sequence that
/// ends makes room for the next prompt. What a sequence draws depends on the seed and its own number.
/// </summary>
public sealed class Generator
{
    private readonly LlamaModel _model;
    private readonly Tokenizer? _tokenizer;
    private readonly int _maxSequences;

    /// <param name="tokenizer">For text and stop strings; null when only tokens are wanted.</param>
    /// <param name="maxSequences">Most sequences to generate at a time; more share the reading of weights, and take more cache.</param>
    public Generator(LlamaModel model, Tokenizer? tokenizer = null, int maxSequences = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        _model = model;
        _tokenizer = tokenizer;
        _maxSequences = maxSequences;
    }

    /// <summary>Is told of the scheduler of each run when its cache is there; it counts what is found in the cache.</summary>
    public Action<Scheduler>? OnOpened { get; init; }

    /// <summary>The likeliest continuation of one prompt, token by token: a <see cref="Models.Verification.GreedyDecoder"/>.</summary>
    public static int[] Greedy(LlamaModel model, ReadOnlySpan<int> prompt, int count) =>
        new Generator(model).Generate([prompt.ToArray()], new GenerationOptions { MaxNewTokens = count })[0].Tokens;

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
        var sequences = prompts.Select((prompt, index) =>
            Scheduler.Prepare(_model, _tokenizer, index, (ulong)index, prompt, guidance: null, options));
        return Run([.. sequences], cancellation);
    }

    private IEnumerable<GenerationEvent> Run(Sequence[] sequences, CancellationToken cancellation)
    {
        if (sequences.Length == 0)
        {
            yield break;
        }

        // Enough pages for whichever sequences come to run together, where there is memory for them.
        var options = new SchedulerOptions { MaxSequences = _maxSequences };
        var needed = sequences.Select(sequence => (long)sequence.MostPages).OrderDescending().Take(_maxSequences).Sum();
        var pages = (int)Math.Clamp(needed, 1, CacheSize.Pages(_model, options));
        using var scheduler = new Scheduler(_model, null, options with { CacheTokens = pages * PageTable.PageTokens });
        OnOpened?.Invoke(scheduler);
        foreach (var sequence in sequences)
        {
            scheduler.Add(sequence);
        }

        while (scheduler.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var chosen in scheduler.Step())
            {
                yield return chosen;
            }
        }
    }
}
