namespace Rebound.Study.Reporting;

/// <summary>The look of reports, which other pages share: colours, type, tables, cards and charts.</summary>
public static class ReportStyle
{
    /// <summary>A style sheet, for light and dark.</summary>
    public static string Css { get; } = Read();

    private static string Read()
    {
        using var reader = new StreamReader(typeof(ReportStyle).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }
}
