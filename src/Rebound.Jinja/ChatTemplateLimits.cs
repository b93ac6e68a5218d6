namespace Rebound.Jinja;

/// <summary>
/// Bounds on one rendering, so that a template out of a downloaded file can neither hang nor exhaust memory.
/// Reaching one is a <see cref="ChatTemplateException"/> of <see cref="ChatTemplateFault.Limit"/>.
/// </summary>
public sealed record ChatTemplateLimits
{
    /// <summary>The bounds used when none are given.</summary>
    public static ChatTemplateLimits Default { get; } = new();

    /// <summary>Statements, loop rounds and calls, plus one step for every 16 characters or 4 list elements created.</summary>
    public long Steps { get; init; } = 20_000_000;

    /// <summary>
    /// Steps of all renderings of a conversation that grows (<see cref="TemplateMessages"/>), each of which reads it from its beginning.
    /// </summary>
    public long ConversationSteps { get; init; } = 20_000_000;

    /// <summary>Longest text, rendered or intermediate, in UTF-16 units.</summary>
    public int TextLength { get; init; } = 32 * 1024 * 1024;

    /// <summary>Longest list, in elements.</summary>
    public int ListLength { get; init; } = 2 * 1024 * 1024;

    /// <summary>How deep macros and recursive loops may call one another.</summary>
    public int CallDepth { get; init; } = 200;
}
