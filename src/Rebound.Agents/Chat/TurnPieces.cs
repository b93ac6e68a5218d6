using System.Text;

namespace Rebound.Agents.Chat;

/// <summary>The part of an assistant's turn that a piece belongs to.</summary>
public enum TurnPart
{
    /// <summary>Text without a label.</summary>
    Text,

    Thought,

    Action,
}

/// <summary>A piece of an assistant's turn.</summary>
/// <param name="IsLabel">Whether it is the label that begins the part, <c>Thought:</c> or <c>Action:</c>.</param>
public readonly record struct TurnPiece(TurnPart Part, string Text, bool IsLabel);

/// <summary>
/// Tells the parts of a turn while it is written. What could still become a label, at the beginning of a line, is held back
/// until it is certain.
/// </summary>
public sealed class TurnPieces
{
    private const string Decoration = " \t>#*_`-";

    /// <summary>Characters of a label's word, its number, blanks and bold marks.</summary>
    private const int MostOfALabel = 64;

    private static readonly (string Label, TurnPart Part)[] Labels = [("thought", TurnPart.Thought), ("action", TurnPart.Action)];

    private readonly StringBuilder _held = new();
    private TurnPart _part = TurnPart.Text;
    private bool _isLineStart = true;

    /// <summary>Decoration at the beginning of what is held.</summary>
    private int _decoration;

    /// <summary>Appends text, and returns the pieces that are certain by now.</summary>
    public IReadOnlyList<TurnPiece> Append(string text)
    {
        var pieces = new List<TurnPiece>();
        var plain = new StringBuilder();
        foreach (var unit in text)
        {
            if (!_isLineStart)
            {
                plain.Append(unit);
                _isLineStart = unit == '\n';
                continue;
            }

            _held.Append(unit);
            if (_held.Length == _decoration + 1 && Decoration.Contains(unit))
            {
                _decoration++;
                continue;
            }

            var length = _held.Length - _decoration;
            var (isOpen, part) = length > MostOfALabel ? (false, null) : Read(_held.ToString(_decoration, length));
            if (part is { } found)
            {
                Give(plain, pieces);
                _part = found;
                pieces.Add(new TurnPiece(found, Take(), IsLabel: true));
                _isLineStart = false;
            }
            else if (!isOpen)
            {
                plain.Append(Take());
                _isLineStart = unit == '\n';
            }
        }

        Give(plain, pieces);
        return pieces;
    }

    /// <summary>Ends the turn, and returns the text held back.</summary>
    public IReadOnlyList<TurnPiece> Flush()
    {
        var held = Take();
        return held.Length == 0 ? [] : [new TurnPiece(_part, held, IsLabel: false)];
    }

    private void Give(StringBuilder plain, List<TurnPiece> pieces)
    {
        if (plain.Length > 0)
        {
            pieces.Add(new TurnPiece(_part, plain.ToString(), IsLabel: false));
            plain.Clear();
        }
    }

    private string Take()
    {
        var held = _held.ToString();
        _held.Clear();
        _decoration = 0;
        return held;
    }

    /// <summary>Whether the beginning of a line, behind its decoration, may still become a label, and which one it is.</summary>
    private static (bool IsOpen, TurnPart? Part) Read(string rest)
    {
        foreach (var (label, part) in Labels)
        {
            if (label.StartsWith(rest, StringComparison.OrdinalIgnoreCase))
            {
                return (IsOpen: true, null);
            }

            if (rest.StartsWith(label, StringComparison.OrdinalIgnoreCase) && IsTail(rest.AsSpan(label.Length).TrimEnd(':')))
            {
                return rest[^1] == ':' ? (IsOpen: false, part) : (IsOpen: true, null);
            }
        }

        return (IsOpen: false, null);
    }

    /// <summary>Whether it may stand between a label's word and its colon: a number, blanks, bold marks.</summary>
    private static bool IsTail(ReadOnlySpan<char> text)
    {
        foreach (var unit in text)
        {
            if (!char.IsAsciiDigit(unit) && unit is not (' ' or '\t' or '*' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
