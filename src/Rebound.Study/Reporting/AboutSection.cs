namespace Rebound.Study.Reporting;

/// <summary>How a comparison was set up.</summary>
internal static class AboutSection
{
    public static string Of(IReadOnlyList<(string Name, string Value)> about) => about.Count == 0
        ? ""
        : "<h2>How it was set up</h2><dl>"
            + string.Concat(about.Select(item => $"<dt>{HtmlText.Escape(item.Name)}</dt><dd>{HtmlText.Escape(item.Value)}</dd>")) + "</dl>";
}
