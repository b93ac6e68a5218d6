using System.Buffers;
using System.Text;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary><c>strip</c>, <c>lstrip</c> and <c>rstrip</c>: of white space, or of any of the given characters.</summary>
internal static class TextTrimming
{
    public static string Trim(string text, object? characters, bool atStart, bool atEnd)
    {
        var trimmed = text.AsSpan();
        var set = characters is null ? null : Runes(characters);
        while (atStart && Rune.DecodeFromUtf16(trimmed, out var first, out var width) != OperationStatus.NeedMoreData
            && IsTrimmed(first, set))
        {
            trimmed = trimmed[width..];
        }

        while (atEnd && Rune.DecodeLastFromUtf16(trimmed, out var last, out var width) != OperationStatus.NeedMoreData
            && IsTrimmed(last, set))
        {
            trimmed = trimmed[..^width];
        }

        return trimmed.Length == text.Length ? text : trimmed.ToString();
    }

    private static bool IsTrimmed(Rune rune, HashSet<Rune>? set) =>
        set?.Contains(rune) ?? (rune.IsBmp && PythonString.IsSpace((char)rune.Value));

    private static HashSet<Rune> Runes(object characters) => PythonType.IsText(characters)
        ? [.. PythonText.Of(characters).EnumerateRunes()]
        : throw Fault.Evaluation($"strip arg must be None or str, not {PythonType.NameOf(characters)}");
}
