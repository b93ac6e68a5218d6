namespace Rebound.Agents.Search;

/// <summary>A passage of an index.</summary>
/// <param name="Title">Of the document that it is from; may be empty.</param>
public sealed record Passage(string Title, string Text);
