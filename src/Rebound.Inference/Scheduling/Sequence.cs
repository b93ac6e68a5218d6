using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>A sequence while it is generated.</summary>
internal sealed class Sequence
{
    private readonly GenerationOptions _options;
    private readonly SequenceText? _text;
    private readonly CounterRandom _random;
    private readonly Branch _own;
    private readonly float? _guidance;
    private readonly LogitEdits _edits;
    private readonly bool _contextEndsFirst;
    private readonly IConstrainedText? _constrained;
    private PromptScores? _untold;

    /// <param name="index">The prompt's number, for events and messages; a lower one came first.</param>
    /// <param name="stream">With the seed it determines the draws.</param>
    /// <param name="guidance">Null for the prompt's own logits.</param>
    /// <param name="contextLength">Tokens that the model can take.</param>
    /// <param name="text">Turns tokens to text; null when only tokens are wanted.</param>
    /// <param name="constrained">The form that it is held to; null for none.</param>
    /// <exception cref="ArgumentException">A prompt is empty or too long, or the weight is no number.</exception>
    public Sequence(
        int index, ulong stream, int[] prompt, Guidance? guidance, GenerationOptions options, int contextLength, SequenceText? text,
        IConstrainedText? constrained = null)
    {
        if (guidance is not null && !float.IsFinite(guidance.Weight))
        {
            throw new ArgumentException($"The weight of guidance is {guidance.Weight}, and must be a finite number.");
        }

        int[][] prompts = guidance is null ? [prompt] : [prompt, guidance.Opposite];
        var room = prompts.Min(tokens => Room(index, tokens, contextLength));
        Index = index;
        _options = options;
        (_text, _constrained) = (text, constrained);
        _random = new CounterRandom(options.Sampling.Seed, stream);
        _contextEndsFirst = room < options.MaxNewTokens;
        Branches = [.. prompts.Select(tokens => new Branch(tokens, (int)Math.Min(options.MaxNewTokens, room)))];
        _own = Branches[0];
        _guidance = guidance?.Weight;
        _edits = new LogitEdits(options.Sampling, prompt);
        Scores = _untold = options.PromptLikeliestTokens is { } likeliest ? new PromptScores(prompt, likeliest) : null;
    }

    public int Index { get; }

    /// <summary>The model that computes it: a scheduler's own, or one of the same weights beside another adapter.</summary>
    public required LlamaModel Model { get; init; }

    /// <summary>The version of the model that computes what its pages hold.</summary>
    public ModelVersion Version { get; set; }

    /// <summary>Tokens of its prompts that were found in the cache when it first joined; null until then.</summary>
    public int? ReusedTokens { get; set; }

    /// <summary>Its own tokens, and under guidance the opposite prompt with the same ones.</summary>
    public Branch[] Branches { get; }

    /// <summary>The log-probabilities of its own prompt's tokens; null where they are not wanted.</summary>
    public PromptScores? Scores { get; }

    /// <summary>Whether log-probabilities of its prompt are still to be computed.</summary>
    public bool IsScored => Scores is { AreWhole: false };

    /// <summary>Pages that it takes at its longest.</summary>
    public int MostPages => Branches.Sum(branch => branch.MostPages);

    /// <summary>Pages that are lacking for the tokens so far.</summary>
    public int MissingPages
    {
        get
        {
            var missing = 0;
            foreach (var branch in Branches)
            {
                missing += branch.MissingPages;
            }

            return missing;
        }
    }

    /// <summary>Whether it has all tokens that it may come to, the last one still being drawn: nothing is to be computed for it.</summary>
    public bool IsFull => _own.IsFull;

    /// <summary>Whether it has left for good, so that what is still drawn for it is not wanted.</summary>
    public bool HasEnded { get; set; }

    /// <summary>While its last token is being drawn, that one's place in the step that draws it.</summary>
    public int Source { get; private set; }

    /// <summary>Whether the tokens so far have to be known for the next one to be drawn, as penalties and constraints need them.</summary>
    public bool NeedsTokens => _edits.DependOnTokens || _constrained is not null;

    /// <summary>Tokens to be computed before the next one can be chosen.</summary>
    public int Remaining
    {
        get
        {
            var remaining = 0;
            foreach (var branch in Branches)
            {
                remaining += branch.Remaining;
            }

            return remaining;
        }
    }

    /// <summary>Whether the last token alone is to be computed, of each branch.</summary>
    public bool IsDecoding => Remaining == Branches.Length;

    /// <summary>Whether the last token is being drawn, and not known yet.</summary>
    public bool IsAwaiting => _own.IsAwaiting;

    /// <summary>Whether the next step computes something of it.</summary>
    public bool IsScheduled => Array.Exists(Branches, branch => branch.Scheduled > 0);

    /// <summary>Whether the next step computes all that remains, so that a token can be chosen.</summary>
    public bool IsScheduledWhole => Array.TrueForAll(Branches, branch => branch.Scheduled == branch.Remaining);

    /// <summary>
    /// Schedules up to so many of the remaining tokens for the next step. What is not the rest ends where a page does, and leaves
    /// some of every branch, since all of them have to come to their end in one step.
    /// </summary>
    /// <param name="left">Fewest tokens to leave of a branch.</param>
    /// <returns>How many tokens were scheduled.</returns>
    public int Schedule(int tokens, int left)
    {
        var scheduled = 0;
        foreach (var branch in Branches)
        {
            var end = branch.Length;
            if (tokens < Remaining)
            {
                end = branch.Computed + Math.Min(tokens - scheduled, branch.Remaining - left);
                end = Math.Max(branch.Computed, end / PageTable.PageTokens * PageTable.PageTokens);
            }

            branch.Scheduled = end - branch.Computed;
            scheduled += branch.Scheduled;
        }

        return scheduled;
    }

    /// <summary>How the next token is to be drawn.</summary>
    public SamplingRow SamplingRow()
    {
        var sampling = _options.Sampling;
        return new SamplingRow
        {
            Temperature = sampling.Temperature,
            TopK = sampling.TopK,
            TopP = sampling.TopP,
            MinP = sampling.MinP,
            Uniform = _random.Uniform((ulong)(_own.Length - _own.PromptLength)),
            Likeliest = sampling.LikeliestTokens,
            Edits = _edits.Current,
            Allowed = _constrained?.Allowed ?? default,
            Guidance = _guidance,
        };
    }

    /// <summary>A step draws the next token.</summary>
    /// <param name="source">Its place in that step.</param>
    public void Expect(int source)
    {
        Source = source;
        foreach (var branch in Branches)
        {
            branch.Expect();
        }
    }

    /// <summary>Takes the first of the tokens that were expected.</summary>
    public GenerationEvent Take(in SampledToken drawn)
    {
        var (text, finish) = Append(drawn.Token);
        return new GenerationEvent(Index, drawn.Token, text, finish)
        {
            LogProbability = drawn.LogProbability,
            Likeliest = drawn.Likeliest.ToArray(),
            ReusedTokens = ReusedTokens ?? 0,
            Prompt = Told(),
        };
    }

    /// <summary>The log-probabilities of the prompt, the first time.</summary>
    private IReadOnlyList<ScoredToken> Told()
    {
        var told = _untold?.Tokens ?? [];
        _untold = null;
        return told;
    }

    /// <summary>Takes a token, and returns the text that is certain by now, and why the sequence ends, if it does.</summary>
    private (string Text, FinishReason? Finish) Append(int token)
    {
        _edits.Add(token);
        _constrained?.Advance(token);
        foreach (var branch in Branches)
        {
            branch.Take(token);
        }

        if (_options.StopTokenIds.Contains(token))
        {
            return (_text?.Finish(token) ?? "", FinishReason.StopToken);
        }

        var text = _text?.Append(token) ?? "";
        if (_text is { Stopped: true })
        {
            return (text, FinishReason.StopString);
        }

        if (!_own.IsComplete)
        {
            return (text, null);
        }

        text += _text?.Finish();
        var reason = _text is { Stopped: true } ? FinishReason.StopString
            : _contextEndsFirst ? FinishReason.ContextFull
            : FinishReason.MaxNewTokens;
        return (text, reason);
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
                $"Prompt {index} has {prompt.Length} tokens, but this model takes at most {contextLength} (max_position_embeddings): "
                    + "shorten it.");
    }
}
