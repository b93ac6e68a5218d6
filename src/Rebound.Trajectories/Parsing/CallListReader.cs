using System.Text;
using System.Text.Json;

namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Reads a list of calls, <c>[{"name": …, "arguments": …}, …]</c>, while it is written, as answers are whose calls are required: a name as
/// soon as it is whole, and arguments as they come, letter by letter as they stand there.
/// </summary>
public sealed class CallListReader
{
    private const string NameMember = "name";
    private const string ArgumentsMember = "arguments";

    private readonly StringBuilder _token = new();
    private readonly StringBuilder _arguments = new();
    private State _state;
    private string? _member;
    private string? _name;
    private bool _isTold;
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;

    private enum State
    {
        /// <summary>Between calls.</summary>
        List,

        /// <summary>In a call, between its members.</summary>
        Call,

        Key,
        BeforeValue,
        Value,
    }

    /// <summary>Takes more text, and returns what of calls is certain by it.</summary>
    public IReadOnlyList<CallPiece> Append(string text)
    {
        var pieces = new List<CallPiece>();
        foreach (var unit in text)
        {
            Take(unit, pieces);
        }

        Tell(pieces);
        return pieces;
    }

    private void Take(char unit, List<CallPiece> pieces)
    {
        switch (_state)
        {
            case State.List when unit == '{':
                (_state, _name, _isTold) = (State.Call, null, false);
                break;
            case State.Call when unit == '"':
                Begin(State.Key, unit);
                _isInText = true;
                break;
            case State.Call when unit == '}':
                Tell(pieces);
                pieces.Add(new CallPiece(null, "", IsWhole: true));
                _state = State.List;
                break;
            case State.Key:
                _token.Append(unit);
                if (!StaysInText(unit))
                {
                    (_state, _member) = (State.BeforeValue, Text());
                }

                break;
            case State.BeforeValue when unit != ':' && !char.IsWhiteSpace(unit):
                Begin(State.Value, unit);
                _depth = unit is '{' or '[' ? 1 : 0;
                _isInText = unit == '"';
                Keep(unit);
                break;
            case State.Value:
                TakeOfValue(unit, pieces);
                break;
            default:
                break;
        }
    }

    private void TakeOfValue(char unit, List<CallPiece> pieces)
    {
        var wasText = _isInText;
        if (!wasText && _depth == 0 && (unit is ',' or '}' || char.IsWhiteSpace(unit)))
        {
            // A number, or one of JSON's words, ends before what follows it.
            End();
            Take(unit, pieces);
            return;
        }

        _token.Append(unit);
        Keep(unit);
        if (wasText ? StaysInText(unit) : Nests(unit))
        {
            return;
        }

        if (_depth == 0)
        {
            End();
        }
    }

    /// <summary>Whether the value goes on after one of its characters outside of texts.</summary>
    private bool Nests(char unit)
    {
        _isInText = unit == '"';
        _depth += unit is '{' or '[' ? 1 : unit is '}' or ']' ? -1 : 0;
        return _depth > 0 || unit is not ('}' or ']');
    }

    /// <summary>Whether a text goes on after one of its characters.</summary>
    private bool StaysInText(char unit)
    {
        _isInText = _isEscaped || unit != '"';
        _isEscaped = !_isEscaped && unit == '\\';
        return _isInText;
    }

    private void Begin(State state, char unit)
    {
        _state = state;
        _token.Clear().Append(unit);
    }

    private void Keep(char unit)
    {
        if (_member == ArgumentsMember)
        {
            _arguments.Append(unit);
        }
    }

    private void End()
    {
        _name = _member == NameMember ? Text() : _name;
        _state = State.Call;
    }

    private string Text() => JsonSerializer.Deserialize<string>(_token.ToString())!;

    /// <summary>Tells the call's name, and the arguments that came since, when the name is known.</summary>
    private void Tell(List<CallPiece> pieces)
    {
        if (_name is not null && (!_isTold || _arguments.Length > 0))
        {
            pieces.Add(new CallPiece(_isTold ? null : _name, _arguments.ToString(), IsWhole: false));
            _isTold = true;
            _arguments.Clear();
        }
    }
}
