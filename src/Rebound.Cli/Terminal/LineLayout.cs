using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>A text that is edited, as rows of a terminal.</summary>
/// <param name="Rows">The text of each row, without the first one's prompt and the others' indent.</param>
/// <param name="CursorRow">Among <paramref name="Rows"/>.</param>
/// <param name="CursorColumn">The indent included.</param>
internal sealed record LineLayout(IReadOnlyList<string> Rows, int CursorRow, int CursorColumn)
{
    /// <summary>
    /// Breaks the text at its line breaks and at the terminal's edge; of more rows than fit, those around the cursor are left.
    /// </summary>
    /// <param name="indent">Columns that the prompt takes, and as many before further rows.</param>
    /// <param name="width">Columns of the terminal; the last one stays free, so that no terminal wraps by itself.</param>
    /// <param name="height">Most rows.</param>
    public static LineLayout Of(string text, int cursor, int indent, int width, int height)
    {
        var room = Math.Max(4, width - indent - 1);
        var (rows, row, column) = (new List<string>(), new StringBuilder(), 0);
        var (cursorRow, cursorColumn, position) = (0, 0, 0);
        foreach (var character in CellWidth.Characters(text))
        {
            var isBreak = character is "\n" or "\r\n";
            var mark = isBreak ? "" : VisibleText.Of(character);
            var cells = CellWidth.Of(mark);
            if (column + cells > room)
            {
                BreakRow();
            }

            Place();
            position += character.Length;
            if (isBreak)
            {
                BreakRow();
                continue;
            }

            row.Append(mark);
            column += cells;
        }

        if (column == room)
        {
            BreakRow();
        }

        Place();
        rows.Add(row.ToString());
        var first = Math.Clamp(cursorRow - (height / 2), 0, Math.Max(0, rows.Count - height));
        var shown = rows.Skip(first).Take(height).ToArray();
        return new LineLayout(shown, cursorRow - first, indent + cursorColumn);

        void Place()
        {
            if (position == cursor)
            {
                (cursorRow, cursorColumn) = (rows.Count, column);
            }
        }

        void BreakRow()
        {
            rows.Add(row.ToString());
            row.Clear();
            column = 0;
        }
    }
}
