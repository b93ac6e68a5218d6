using System.Globalization;
using System.Text;
using Rebound.Files;

namespace Rebound.Study.Reporting;

/// <summary>A table as comma-separated values (RFC 4180), numbers with a point and all their digits.</summary>
internal sealed class CsvTable(params string[] columns)
{
    private readonly StringBuilder _text = new(Line(columns));

    public void Add(params object?[] values) => _text.Append(Line(values.Select(TextOf)));

    public void Write(string path) => WholeFile.WriteText(path, _text.ToString());

    private static string Line(IEnumerable<string> cells) => string.Join(',', cells.Select(Quoted)) + "\n";

    private static string TextOf(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
