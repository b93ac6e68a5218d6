namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Passes text on up to the first of some stop strings, which may arrive in pieces: text that could be the start of one
/// is held back until it is certain that it is not.
/// </summary>
public sealed class StopStringFilter
{
    private readonly IReadOnlyList<string> _stops;
    private string _held = "";

    /// <param name="stops">None of them empty.</param>
    public StopStringFilter(IReadOnlyList<string> stops) => _stops = stops;

    /// <summary>True once a stop string has arrived; all later text is dropped.</summary>
    public bool Stopped => Stop is not null;

    /// <summary>The stop string that has arrived, the first of those that begin where it does; null while there is none.</summary>
    public string? Stop { get; private set; }

    /// <summary>Takes the next piece of text and returns what may be shown by now.</summary>
    public string Append(string text)
    {
        if (Stopped)
        {
            return "";
        }

        if (_stops.Count == 0)
        {
            return text;
        }

        var pending = _held + text;
        (Stop, var end) = _stops.Select(stop => ((string?)stop, pending.IndexOf(stop, StringComparison.Ordinal)))
            .Where(found => found.Item2 >= 0).DefaultIfEmpty((null, -1)).MinBy(found => found.Item2);
        end = Stopped ? end : pending.Length - PartialMatch.LengthAtEnd(pending, _stops);
        _held = Stopped ? "" : pending[end..];
        return pending[..end];
    }

    /// <summary>The text has ended: returns what was held back.</summary>
    public string Flush()
    {
        var held = _held;
        _held = "";
        return held;
    }
}
