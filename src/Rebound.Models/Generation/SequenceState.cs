namespace Rebound.Models.Generation;

/// <summary>A sequence while it is generated.</summary>
internal sealed class SequenceState
{
    private readonly GenerationOptions _options;
    private readonly SequenceText? _text;
    private readonly CounterRandom _random;
    private readonly int[] _tokens;
    private readonly int _prompt;
    private readonly bool _contextEndsFirst;

    /// <param name="index">The prompt's index; with the seed it determines the draws.</param>
    /// <param name="contextLength">Tokens that the model can take.</param>
    /// <param name="text">Turns tokens to text; null when only tokens are wanted.</param>
    public SequenceState(int index, int[] prompt, GenerationOptions options, int contextLength, SequenceText? text)
    {
        if (prompt.Length == 0)
        {
            throw new ArgumentException($"Prompt {index} is empty: generation needs at least one token to start from.");
        }

        // The last token that is generated is never fed back, so it needs no place in the context.
        var room = contextLength - prompt.Length + 1L;
        if (room < 1)
        {
            throw new ArgumentException(
                $"Prompt {index} has {prompt.Length} tokens, but this model takes at most {contextLength} (max_position_embeddings): shorten it.");
        }

        Index = index;
        _options = options;
        _text = text;
        _random = new CounterRandom(options.Sampling.Seed, (ulong)index);
        _contextEndsFirst = room < options.MaxNewTokens;
        _tokens = new int[prompt.Length + Math.Min(options.MaxNewTokens, room)];
        _prompt = prompt.Length;
        prompt.CopyTo(_tokens, 0);
        Length = prompt.Length;
    }

    public int Index { get; }

    /// <summary>Prompt and what is generated so far.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>The cache's pages of this sequence; empty while it waits.</summary>
    public int[] Pages { get; set; } = [];

    public int PagesNeeded => KeyValueCache.PagesFor(_tokens.Length);

    /// <summary>Tokens so far.</summary>
    public int Length { get; private set; }

    /// <summary>Chooses the next token from the logits of the last one.</summary>
    public GenerationEvent Advance(Sampler sampler, ReadOnlySpan<float> logits)
    {
        var token = sampler.Choose(logits, Tokens, _options.Sampling, _random.Uniform((ulong)(Length - _prompt)));
        _tokens[Length++] = token;
        if (_options.StopTokenIds.Contains(token))
        {
            return new GenerationEvent(Index, token, _text?.Finish() ?? "", FinishReason.StopToken);
        }

        var text = _text?.Append(token) ?? "";
        if (_text is { Stopped: true })
        {
            return new GenerationEvent(Index, token, text, FinishReason.StopString);
        }

        if (Length < _tokens.Length)
        {
            return new GenerationEvent(Index, token, text, null);
        }

        text += _text?.Finish();
        var reason = _text is { Stopped: true } ? FinishReason.StopString
            : _contextEndsFirst ? FinishReason.ContextFull
            : FinishReason.MaxNewTokens;
        return new GenerationEvent(Index, token, text, reason);
    }
}
