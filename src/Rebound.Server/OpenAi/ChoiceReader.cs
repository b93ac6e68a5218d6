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

    private readonly TurnParser? _parser = asked.Syntax is { } syntax
        ? new TurnParser(syntax, asked.CallableTools is not null, asked.OpensReasoning, asked.CallableTools)
        : null;

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<ToolCall> _calls = [];
    private readonly List<GenerationEvent> _steps = [];

    public string Text => _text.ToString();

    public string Reasoning => _reasoning.ToString();

    public IReadOnlyList<ToolCall> Calls => _calls;

    /// <summary>All tokens so far.</summary>
    public IReadOnlyList<GenerationEvent> Steps => _steps;

    /// <summary>Why it ended, in OpenAI's words; null while it goes on.</summary>
    public string? Finish { get; private set; }

    /// <summary>Takes a token, and returns what is certain by now.</summary>
    public ChoiceDelta Read(GenerationEvent step)
    {
        _steps.Add(step);
        var delta = new ChoiceDelta(step);
        if (_parser is null)
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

        Finish = asked.StopsAfterOneCall && _calls.Count > 0 ? Called : step.Finish switch
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
                    break;
                case ReasoningEndPart:
                    // What was said before was thought; a stream has sent it already.
                    _reasoning.Append(_text);
                    _text.Clear();
                    _calls.Clear();
                    break;
                case CallPart { Name.Length: > 0 } call when !asked.StopsAfterOneCall || _calls.Count == 0:
                    _calls.Add(new ToolCall(Ids.NewCall(), call.Name, call.Arguments));
                    delta.Calls.Add((_calls.Count - 1, _calls[^1]));
                    break;
                case CallPart { Name.Length: 0 } unreadable:
                    Say(unreadable.Arguments, delta);
                    break;
                default:
                    break;
            }
        }
    }

    private void Say(string text, ChoiceDelta delta)
    {
        delta.Text += text;
        _text.Append(text);
    }
}
