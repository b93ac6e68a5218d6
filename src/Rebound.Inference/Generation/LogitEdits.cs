using Rebound.Engine;

namespace Rebound.Inference.Generation;

/// <summary>Bias and penalties as changes of the logits of a sequence's next token, kept as the sequence grows.</summary>
internal sealed class LogitEdits
{
    private readonly SamplingOptions _options;
    private readonly Dictionary<int, int> _places = [];
    private LogitEdit[] _edits = [];
    private int[] _generated = [];

    /// <param name="options">Valid ones.</param>
    public LogitEdits(SamplingOptions options, ReadOnlySpan<int> prompt)
    {
        _options = options;
        foreach (var (token, bias) in options.LogitBias)
        {
            var place = PlaceOf(token);
            _edits[place] = new LogitEdit(token, bias, 1, 0);
        }

        if (options.RepetitionPenalty != 1)
        {
            foreach (var token in prompt)
            {
                var place = PlaceOf(token);
                _edits[place] = _edits[place] with { Penalty = options.RepetitionPenalty };
            }
        }
    }

    /// <summary>Those of the next token, until another one is added.</summary>
    public ReadOnlyMemory<LogitEdit> Current => _edits.AsMemory(0, _places.Count);

    /// <summary>Whether generated tokens change them.</summary>
    public bool DependOnTokens => _options is not { RepetitionPenalty: 1, PresencePenalty: 0, FrequencyPenalty: 0 };

    /// <summary>A token was generated.</summary>
    public void Add(int token)
    {
        if (!DependOnTokens)
        {
            return;
        }

        var place = PlaceOf(token);
        _generated[place]++;
        _edits[place] = _edits[place] with
        {
            Penalty = _options.RepetitionPenalty,
            After = -(_options.PresencePenalty + (_options.FrequencyPenalty * _generated[place])),
        };
    }

    private int PlaceOf(int token)
    {
        if (_places.TryGetValue(token, out var place))
        {
            return place;
        }

        place = _places.Count;
        if (place == _edits.Length)
        {
            Array.Resize(ref _edits, Math.Max(16, 2 * place));
            Array.Resize(ref _generated, _edits.Length);
        }

        _places.Add(token, place);
        _edits[place] = new LogitEdit(token, 0, 1, 0);
        return place;
    }
}
