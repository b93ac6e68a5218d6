using Microsoft.Extensions.AI;
using Rebound.Trajectories.Parsing;

namespace Rebound.Trajectories.Chat;

/// <summary>
/// Marks the end of reasoning whose beginning was not marked: all earlier text of the turn was reasoning, since the prompt opened it or
/// a server left the mark out. Occurs only in streamed answers, whose text was given already.
/// </summary>
public sealed class ReasoningEndContent : AIContent
{
    /// <summary>
    /// A turn's contents with what such an end says: text before it is reasoning, and calls before it were only thought of.
    /// </summary>
    public static IReadOnlyList<AIContent> Settle(IReadOnlyList<AIContent> contents)
    {
        var end = contents.ToList().FindLastIndex(content => content is ReasoningEndContent);
        return end < 0 ? contents :
        [
            .. contents.Take(end).Where(content => content is not (FunctionCallContent or ReasoningEndContent))
                .Select(content => content is TextContent text ? new TextReasoningContent(text.Text) : content),
            .. contents.Skip(end + 1),
        ];
    }

    /// <summary>A generated part that is no call, as chat interfaces know it.</summary>
    public static AIContent Of(GeneratedPart part) => part switch
    {
        TextPart text => new TextContent(text.Text),
        ReasoningPart reasoning => new TextReasoningContent(reasoning.Text),
        ReasoningEndPart => new ReasoningEndContent(),
        _ => throw new NotSupportedException($"A part of kind {part.GetType().Name}."),
    };
}
