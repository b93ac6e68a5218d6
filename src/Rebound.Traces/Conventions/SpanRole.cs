namespace Rebound.Traces.Conventions;

/// <summary>The part that a span has in the run of an agent.</summary>
internal enum SpanRole
{
    Other,

    /// <summary>A run of an agent, with all that it asks and does within it.</summary>
    Agent,

    /// <summary>One answer of a model.</summary>
    Chat,

    /// <summary>One call of a tool.</summary>
    Tool,
}
