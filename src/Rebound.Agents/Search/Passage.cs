namespace Rebound.Agents.Search;

/// <summary>A piece of text that can be found.</summary>
/// <param name="Title">Of the document that it is from; may be empty.</param>
public sealed record Passage(string Title, string Text);
