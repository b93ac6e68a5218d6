using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Inference.Generation;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Parsing;

namespace Rebound.Inference.Chat;

/// <summary>Parts a generated answer into the contents that chat interfaces know.</summary>
/// <param name="tools">The schemas of the tools that may be called; null for none.</param>
/// <param name="startsInReasoning">Whether the prompt has opened the reasoning already.</param>
/// <param name="callsBefore">Calls in the conversation so far, which the ids of new ones follow.</param>
internal sealed class AnswerReader(TurnSyntax syntax, JsonElement? tools, bool startsInReasoning, int callsBefore)
{
    private readonly TurnParser _parser = new(syntax, tools is not null, startsInReasoning, tools);
    private readonly StringBuilder _arguments = new();
    private readonly CallListReader? _list;
    private string _name = "";
    private int _calls;

    /// <summary>Whether the answer is held to a list of calls, and nothing else.</summary>
    public bool IsCalls
    {
        init => _list = value ? new CallListReader() : null;
    }

    /// <summary>Whether the answer ends with its first call.</summary>
    public bool StopsAfterOneCall { get; init; }

    /// <summary>Whether nothing more of the answer is wanted.</summary>
    public bool IsDone => StopsAfterOneCall && _calls > 0;

    /// <summary>The contents that are certain after a step.</summary>
    public IReadOnlyList<AIContent> Read(GenerationEvent step)
    {
        if (_list is not null)
        {
            return [.. _list.Append(step.Text).Select(Called).OfType<AIContent>()];
        }

        var parts = step.Text.Length > 0 ? _parser.Append(step.Text) : [];
        return [.. (step.Finish is null ? parts : parts.Concat(_parser.Finish())).TakeWhile(_ => !IsDone).Select(Content)];
    }

    /// <summary>Why the answer ended, for chat interfaces; null while it goes on.</summary>
    public ChatFinishReason? Reason(FinishReason? finish) => finish switch
    {
        _ when IsDone => ChatFinishReason.ToolCalls,
        null => null,
        FinishReason.StopToken or FinishReason.StopString => _calls > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        _ => ChatFinishReason.Length,
    };

    /// <summary>The contents of a whole answer, pieces of one kind in one.</summary>
    public static IList<AIContent> Joined(IEnumerable<AIContent> contents)
    {
        var (reasoning, text, calls) = (new StringBuilder(), new StringBuilder(), new List<AIContent>());
        foreach (var content in ReasoningEndContent.Settle([.. contents]))
        {
            switch (content)
            {
                case TextReasoningContent part:
                    reasoning.Append(part.Text);
                    break;
                case TextContent part:
                    text.Append(part.Text);
                    break;
                default:
                    calls.Add(content);
                    break;
            }
        }

        return
        [
            .. reasoning.Length > 0 ? [new TextReasoningContent(reasoning.ToString())] : Array.Empty<AIContent>(),
            .. text.Length > 0 || calls.Count == 0 ? [new TextContent(text.ToString())] : Array.Empty<AIContent>(),
            .. calls,
        ];
    }

    /// <summary>A call of a list, when it is whole; null before.</summary>
    private FunctionCallContent? Called(CallPiece piece)
    {
        if (piece.Name is { } name)
        {
            _name = name;
            _arguments.Clear();
        }

        _arguments.Append(piece.Arguments);
        return piece.IsWhole ? Call(_name, _arguments.ToString()) : null;
    }

    private FunctionCallContent Call(string name, string arguments) =>
        ToolCalls.ToContent(ToolCalls.Named(new ToolCall(null, name, arguments), callsBefore + ++_calls));

    private AIContent Content(GeneratedPart part)
    {
        // Calls before the end of reasoning were only thought of.
        _calls = part is ReasoningEndPart ? 0 : _calls;
        return part is CallPart call ? Call(call.Name, call.Arguments) : ReasoningEndContent.Of(part);
    }
}
