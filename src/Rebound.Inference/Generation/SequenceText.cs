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
    private readonly bool _showsStop;

    public SequenceText(Tokenizer tokenizer, GenerationOptions options)
    {
        (_tokenizer, _shown, _showsStop) = (tokenizer, options.ShownTokenIds, options.ShowsStop);
        _decoder = tokenizer.CreateDecoder(skipSpecialTokens: !options.ShowsSpecialTokens);
        _filter = new StopStringFilter(options.StopStrings);
    }

    /// <summary>True once a stop string has arrived.</summary>
    public bool Stopped => _filter.Stopped;

    public string Append(int token) => Filter(
        _shown.Contains(token) ? _decoder.Flush() + _tokenizer.Decode([token]) : _decoder.Append(token));

    /// <summary>The sequence has ended: returns what was held back.</summary>
    public string Finish() => Filter(_decoder.Flush()) + _filter.Flush();

    /// <summary>The sequence has ended with a stop token: returns what was held back, and its text where that is shown.</summary>
    public string Finish(int stopToken) => (_showsStop ? Append(stopToken) : "") + Finish();

    private string Filter(string text)
    {
        var stopped = _filter.Stopped;
        var passed = _filter.Append(text);
        return _showsStop && !stopped ? passed + _filter.Stop : passed;
    }
}
