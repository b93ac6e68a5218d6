using System.Numerics.Tensors;
using Rebound.Models;

namespace Rebound.Inference.Generation;

/// <summary>A sequence while it is generated.</summary>
internal sealed class SequenceState
{
    private readonly GenerationOptions _options;
    private readonly SequenceText? _text;
    private readonly CounterRandom _random;
    private readonly CachedTokens _own;
    private readonly float _guidance;
    private readonly int _prompt;
    private readonly bool _contextEndsFirst;

    /// <param name="index">The prompt's number, for events and messages.</param>
    /// <param name="stream">With the seed it determines the draws.</param>
    /// <param name="guidance">Null for the prompt's own logits.</param>
    /// <param name="contextLength">Tokens that the model can take.</param>
    /// <param name="text">Turns tokens to text; null when only tokens are wanted.</param>
    public SequenceState(
        int index, ulong stream, int[] prompt, Guidance? guidance, GenerationOptions options, int contextLength, SequenceText? text)
    {
        if (guidance is not null && !float.IsFinite(guidance.Weight))
        {
            throw new ArgumentException($"The weight of guidance is {guidance.Weight}, and must be a finite number.");
        }

        int[][] prompts = guidance is null ? [prompt] : [prompt, guidance.Opposite];
        var room = prompts.Min(tokens => Room(index, tokens, contextLength));
        Index = index;
        _options = options;
        _text = text;
        _random = new CounterRandom(options.Sampling.Seed, stream);
        _contextEndsFirst = room < options.MaxNewTokens;
        Rows = [.. prompts.Select(tokens => new CachedTokens(tokens, (int)Math.Min(options.MaxNewTokens, room)))];
        _own = Rows[0];
        _guidance = guidance?.Weight ?? 0;
        _prompt = prompt.Length;
    }

    public int Index { get; }

    /// <summary>The rows that it takes in a batch: its own tokens, and under guidance the opposite prompt with the same ones.</summary>
    public CachedTokens[] Rows { get; }

    public int PagesNeeded => Rows.Sum(row => row.PagesNeeded);

    /// <summary>Chooses the next token from the logits of the last one.</summary>
    /// <param name="logits">[rows, V]; overwritten under guidance.</param>
    public GenerationEvent Advance(Sampler sampler, Span<float> logits)
    {
        var own = logits[..(logits.Length / Rows.Length)];
        if (Rows.Length > 1)
        {
            var difference = logits[own.Length..];
            TensorPrimitives.Subtract(own, difference, difference);
            TensorPrimitives.MultiplyAdd(difference, _guidance, own, own);
        }

        var token = sampler.Choose(own, _own.Tokens, _options.Sampling, _random.Uniform((ulong)(_own.Length - _prompt)));
        foreach (var row in Rows)
        {
            row.Append(token);
        }

        if (_options.StopTokenIds.Contains(token))
        {
            return new GenerationEvent(Index, token, _text?.Finish() ?? "", FinishReason.StopToken);
        }

        var text = _text?.Append(token) ?? "";
        if (_text is { Stopped: true })
        {
            return new GenerationEvent(Index, token, text, FinishReason.StopString);
        }

        if (!_own.IsFull)
        {
            return new GenerationEvent(Index, token, text, null);
        }

        text += _text?.Finish();
        var reason = _text is { Stopped: true } ? FinishReason.StopString
            : _contextEndsFirst ? FinishReason.ContextFull
            : FinishReason.MaxNewTokens;
        return new GenerationEvent(Index, token, text, reason);
    }

    /// <summary>Tokens that can follow a prompt. The last one is never fed back, so it needs no place in the context.</summary>
    private static long Room(int index, int[] prompt, int contextLength)
    {
        if (prompt.Length == 0)
        {
            throw new ArgumentException($"Prompt {index} is empty: generation needs at least one token to start from.");
        }

        return prompt.Length <= contextLength
            ? contextLength - prompt.Length + 1L
            : throw new ArgumentException(
                $"Prompt {index} has {prompt.Length} tokens, but this model takes at most {contextLength} (max_position_embeddings): shorten it.");
    }
}
