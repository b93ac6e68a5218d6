namespace Rebound.Pages.Layout;

/// <summary>A place in the pages' navigation.</summary>
/// <param name="Path">For example <c>/runs</c>.</param>
public sealed record NavigationEntry(string Path, string Title);
