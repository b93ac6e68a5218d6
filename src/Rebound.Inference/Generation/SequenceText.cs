using Rebound.Text;
using Rebound.Trajectories.Parsing;

namespace Rebound.Inference.Generation;

/// <summary>The text of one sequence, as far as it is certain, up to its first stop string.</summary>
internal sealed class SequenceText
{
    private readonly Tokenizer _tokenizer;
    private readonly IReadOnlyCollection<int> _shown;
    private readonly IncrementalDecoder _decoder;
    private readonly StopStringFilter _filter;

    public SequenceText(Tokenizer tokenizer, GenerationOptions options)
    {
        (_tokenizer, _shown) = (tokenizer, options.ShownTokenIds);
        _decoder = tokenizer.CreateDecoder(skipSpecialTokens: true);
        _filter = new StopStringFilter(options.StopStrings);
    }

    /// <summary>True once a stop string has arrived.</summary>
    public bool Stopped => _filter.Stopped;

    public string Append(int token) => _filter.Append(
        _shown.Contains(token) ? _decoder.Flush() + _tokenizer.Decode([token]) : _decoder.Append(token));

    /// <summary>The sequence has ended: returns what was held back.</summary>
    public string Finish() => _filter.Append(_decoder.Flush()) + _filter.Flush();
}
