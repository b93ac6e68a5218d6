namespace Rebound.Trajectories.Parsing;

/// <summary>A piece of a generated turn, in the order in which it was written.</summary>
public abstract record GeneratedPart;

/// <summary>Text for whoever asked.</summary>
public sealed record TextPart(string Text) : GeneratedPart;

/// <summary>Reasoning, which is neither an answer nor an action.</summary>
public sealed record ReasoningPart(string Text) : GeneratedPart;

/// <summary>
/// Reasoning ended whose beginning was not marked: all text that was given before is reasoning, and calls before are none.
/// </summary>
public sealed record ReasoningEndPart : GeneratedPart;

/// <summary>A call of a tool.</summary>
/// <param name="Name">The tool's name; empty where it cannot be read.</param>
/// <param name="Arguments">As the model wrote them: a JSON object where there is no <paramref name="Problem"/>.</param>
/// <param name="Problem">Why it is no call that could be made; null for a well-formed one.</param>
public sealed record CallPart(string Name, string Arguments, string? Problem) : GeneratedPart;
