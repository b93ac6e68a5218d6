using Rebound.Text.Loading;

namespace Rebound.Text.PreTokenization;

/// <summary>The treatment of the delimiters that a split finds.</summary>
internal enum SplitBehavior
{
    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>Each ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>A run of them is a piece of its own.</summary>
    Contiguous,
}

/// <summary>
/// Collects what is and what is not a delimiter within one piece, in order, and adds the resulting pieces to a
/// <see cref="SplitText"/>.
/// </summary>
internal struct Splitter(SplitText text, Piece piece, SplitBehavior behavior, bool invert)
{
    private int _position = piece.Start;
    private int _pendingStart = piece.Start;
    private bool _previousIsDelimiter;
    private bool _hasPending;

    public static SplitBehavior ReadBehavior(JsonFields fields) => fields.String("behavior") switch
    {
        "Removed" or "removed" => SplitBehavior.Removed,
        "Isolated" or "isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" or "merged_with_previous" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" or "merged_with_next" => SplitBehavior.MergedWithNext,
        "Contiguous" or "contiguous" => SplitBehavior.Contiguous,
        var other => throw fields.UnknownValue(
            "behavior", other, "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"),
    };

    /// <summary>Notes a match of the pattern at [start, end), relative to the piece; one of nothing parts what it stands between.</summary>
    public void Match(int start, int end)
    {
        start += piece.Start;
        end += piece.Start;
        if (start > _position)
        {
            Take(_position, start, invert);
        }

        Take(start, end, !invert);
        _position = end;
    }

    /// <summary>Takes what follows the last match.</summary>
    public void Finish()
    {
        if (_position < piece.End)
        {
            Take(_position, piece.End, invert);
        }

        if (_hasPending)
        {
            text.Add(_pendingStart, piece.End);
        }
    }

    private void Take(int start, int end, bool isDelimiter)
    {
        switch (behavior)
        {
            case SplitBehavior.Removed:
                if (!isDelimiter)
                {
                    text.Add(start, end);
                }

                break;
            case SplitBehavior.Isolated:
                text.Add(start, end);
                break;
            default:
                if (_hasPending && !Joins(isDelimiter))
                {
                    text.Add(_pendingStart, start);
                    _hasPending = false;
                }

                if (!_hasPending)
                {
                    _pendingStart = start;
                    _hasPending = true;
                }

                _previousIsDelimiter = isDelimiter;
                break;
        }
    }

    /// <summary>Whether the range at hand goes into the piece that the range before it is in.</summary>
    private readonly bool Joins(bool isDelimiter) => behavior switch
    {
        SplitBehavior.MergedWithPrevious => isDelimiter && !_previousIsDelimiter,
        SplitBehavior.MergedWithNext => !isDelimiter && _previousIsDelimiter,
        _ => isDelimiter == _previousIsDelimiter,
    };
}
