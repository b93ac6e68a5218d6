using Microsoft.Extensions.AI;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Extensions.AI;

/// <summary>An answer's contents as every program knows them, and the numbers beside them.</summary>
/// <param name="showsReasoning">Whether reasoning is wanted.</param>
internal sealed class AnswerContents(bool showsReasoning)
{
    private bool _hasCalls;

    /// <summary>Tokens of the pieces so far.</summary>
    public UsageDetails Usage { get; } = new();

    /// <summary>Takes a piece of the answer, and returns what of it is for the program.</summary>
    public IList<AIContent> Take(IEnumerable<AIContent> contents)
    {
        var taken = new List<AIContent>();
        foreach (var content in contents)
        {
            switch (content)
            {
                case UsageContent usage:
                    Usage.Add(usage.Details);
                    break;
                case FunctionCallContent { Name.Length: 0, RawRepresentation: ToolCall unreadable }:
                    taken.Add(new TextContent(unreadable.Arguments));
                    break;
                case FunctionCallContent:
                    _hasCalls = true;
                    taken.Add(content);
                    break;
                case TextReasoningContent when !showsReasoning:
                case GeneratedTokensContent or ReasoningEndContent:
                    break;
                default:
                    taken.Add(content);
                    break;
            }
        }

        return taken;
    }

    /// <summary>The reason of an end; calls that could not be read, and so became text, are none.</summary>
    public ChatFinishReason? Reason(ChatFinishReason? reason) =>
        reason == ChatFinishReason.ToolCalls && !_hasCalls ? ChatFinishReason.Stop : reason;
}
