using System.Text;

namespace Rebound.Study.Reporting;

/// <summary>A table; one that is wider than the page is scrolled.</summary>
/// <param name="heads">HTML.</param>
internal sealed class HtmlTable(params IEnumerable<string> heads)
{
    private readonly StringBuilder _rows = new();

    public bool IsEmpty => _rows.Length == 0;

    /// <param name="cells">HTML.</param>
    public void Add(params IEnumerable<string> cells) => AddStyled("", cells);

    /// <param name="style">The row's CSS class; empty for none.</param>
    /// <param name="cells">HTML.</param>
    public void AddStyled(string style, params IEnumerable<string> cells)
    {
        _rows.Append(style.Length == 0 ? "<tr>" : $"<tr class=\"{style}\">");
        _rows.AppendJoin("", cells.Select(cell => $"<td>{cell}</td>")).Append("</tr>");
    }

    public string ToHtml() =>
        "<div class=\"scroll\" tabindex=\"0\">"
        + $"<table><tr>{string.Concat(heads.Select(head => $"<th>{head}</th>"))}</tr>{_rows}</table></div>";
}
