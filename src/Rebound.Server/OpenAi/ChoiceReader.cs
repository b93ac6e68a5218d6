using System.Text;
using Rebound.Inference.Generation;
using Rebound.Server.Http;
using Rebound.Trajectories;
using Rebound.Trajectories.Parsing;

namespace Rebound.Server.OpenAi;

/// <summary>Parts one answer into text, reasoning and calls while it is generated, and keeps the whole of it.</summary>
internal sealed class ChoiceReader(PreparedAnswer asked)
{
    public const string Stop = "stop";
    public const string Length = "length";
    public const string Called = "tool_calls";

    private readonly CallListReader? _list = asked.IsCalls ? new CallListReader() : null;

    private readonly TurnParser? _parser = asked.Syntax is { } syntax
        ? new TurnParser(syntax, asked.CallableTools is not null, asked.OpensReasoning, asked.CallableTools)
        : null;

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<ToolCall> _calls = [];
    private readonly List<GenerationEvent> _steps = [];
    private readonly StringBuilder _arguments = new();
    private int _wholeCalls;

    public string Text => _text.ToString();

    public string Reasoning => _reasoning.ToString();

    public IReadOnlyList<ToolCall> Calls => _calls;

    /// <summary>Tokens up to the last one that reasons; the mark that ends reasoning is not among them.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>The scores of the prompt's tokens from the second one on, where they are wanted.</summary>
    public IReadOnlyList<ScoredToken> Prompt { get; private set; } = [];

    /// <summary>All tokens so far, of an answer that is told with them (<see cref="PreparedAnswer.TellsTokens"/>).</summary>
    public IReadOnlyList<GenerationEvent> Steps => _steps;

    /// <summary>How many tokens there are so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>Tokens of the prompt that were found in the cache; 0 before the first token.</summary>
    public int ReusedTokens { get; private set; }

    /// <summary>Why it ended, in OpenAI's words; null while it goes on.</summary>
    public string? Finish { get; private set; }

    /// <summary>Takes a token, and returns what is certain by now.</summary>
    public ChoiceDelta Read(GenerationEvent step)
    {
        Prompt = step.Prompt.Count > 0 ? step.Prompt : Prompt;
        ReusedTokens = step.ReusedTokens;
        if (asked.IsPromptAlone)
        {
            return new ChoiceDelta(null) { Prompt = step.Prompt, Finish = Finish = Length };
        }

        Tokens++;
        if (asked.TellsTokens)
        {
            _steps.Add(step);
        }

        var delta = new ChoiceDelta(step) { Prompt = step.Prompt };
        if (_list is not null)
        {
            Read(_list.Append(step.Text), delta);
            if (step.Finish is not null && _calls.Count > _wholeCalls)
            {
                SettleCall();
            }
        }
        else if (_parser is null)
        {
            delta.Text = step.Text;
            _text.Append(step.Text);
        }
        else
        {
            Read(step.Text.Length > 0 ? _parser.Append(step.Text) : [], delta);
            if (step.Finish is not null)
            {
                Read(_parser.Finish(), delta);
            }
        }

        Finish = asked.StopsAfterOneCall && _wholeCalls > 0 ? Called : step.Finish switch
        {
            null => null,
            FinishReason.StopToken or FinishReason.StopString => _calls.Count > 0 ? Called : Stop,
            _ => Length,
        };
        delta.Finish = Finish;
        return delta;
    }

    private void Read(IReadOnlyList<GeneratedPart> parts, ChoiceDelta delta)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case TextPart text:
                    Say(text.Text, delta);
                    break;
                case ReasoningPart reasoning:
                    delta.Reasoning += reasoning.Text;
                    _reasoning.Append(reasoning.Text);
                    ReasoningTokens = Tokens;
                    break;
                case ReasoningEndPart:
                    // What was said before was thought; a stream has sent it already.
                    _reasoning.Append(_text);
                    _text.Clear();
                    _calls.Clear();
                    _wholeCalls = 0;
                    ReasoningTokens = Tokens - 1;
                    break;
                case CallPart { Name.Length: > 0 } call when !asked.StopsAfterOneCall || _calls.Count == 0:
                    Begin(call.Name, call.Arguments, delta);
                    _wholeCalls++;
                    break;
                case CallPart { Name.Length: 0 } unreadable:
                    Say(unreadable.Arguments, delta);
                    break;
                default:
                    break;
            }
        }
    }

    private void Read(IReadOnlyList<CallPiece> pieces, ChoiceDelta delta)
    {
        foreach (var piece in pieces)
        {
            if (piece.Name is not null)
            {
                _arguments.Clear().Append(piece.Arguments);
                Begin(piece.Name, piece.Arguments, delta);
            }
            else if (piece.Arguments.Length > 0)
            {
                _arguments.Append(piece.Arguments);
                delta.Add(new CallDelta(_calls.Count - 1, null, null, piece.Arguments));
            }

            if (piece.IsWhole)
            {
                _wholeCalls++;
                SettleCall();
            }
        }
    }

    /// <summary>Gives the last call the arguments that it has come to.</summary>
    private void SettleCall() => _calls[^1] = _calls[^1] with { Arguments = _arguments.ToString() };

    private void Begin(string name, string arguments, ChoiceDelta delta)
    {
        _calls.Add(new ToolCall(Ids.NewCall(), name, arguments));
        delta.Add(new CallDelta(_calls.Count - 1, _calls[^1].Id, name, arguments));
    }

    private void Say(string text, ChoiceDelta delta)
    {
        delta.Text += text;
        _text.Append(text);
    }
}
