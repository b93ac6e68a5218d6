using System.Globalization;

namespace Rebound.Text.Unicode;

/// <summary>
/// Decompositions, combining classes and compositions of Unicode 9 (see NormalizationData.txt for why that version). The
/// runtime's own normalization does nothing when globalization is invariant, as it is here.
/// </summary>
internal sealed class NormalizationData
{
    private static readonly Lazy<NormalizationData> Loading = new(() => new NormalizationData());

    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly HashSet<int> _seconds = [];
    private readonly HashSet<int> _marks = [];

    private NormalizationData()
    {
        using var stream = typeof(NormalizationData).Assembly.GetManifestResourceStream("NormalizationData.txt")!;
        using var reader = new StreamReader(stream);
        var section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                section = line[1..line.IndexOf(']')];
            }
            else if (!line.StartsWith('#'))
            {
                ReadEntry(section, line.Split(' '));
            }
        }
    }

    public static NormalizationData Instance => Loading.Value;

    /// <summary>Every code point that has a decomposition of its own (Hangul syllables aside).</summary>
    public IEnumerable<int> Decomposable => _canonical.Keys.Concat(_compatible.Keys);

    /// <summary>Every code point whose combining class is not 0.</summary>
    public IEnumerable<int> Combining => _classes.Keys;

    /// <summary>Every code point that some composition ends with (Hangul aside).</summary>
    public IEnumerable<int> Seconds => _seconds;

    /// <summary>Canonical_Combining_Class.</summary>
    public int CombiningClass(int codePoint) => codePoint < 0x300 ? 0 : _classes.GetValueOrDefault(codePoint);

    /// <summary>Whether the category is M.</summary>
    public bool IsMark(int codePoint) => codePoint >= 0x300 && _marks.Contains(codePoint);

    /// <summary>One step of decomposition, or null.</summary>
    public int[]? Decomposition(int codePoint, bool compatible) =>
        _canonical.TryGetValue(codePoint, out var parts) || (compatible && _compatible.TryGetValue(codePoint, out parts))
            ? parts
            : null;

    /// <summary>The code point that a pair composes to, or −1.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault((first, second), -1);

    private void ReadEntry(string section, string[] fields)
    {
        switch (section)
        {
            case "classes":
                ForRange(fields[0], codePoint => _classes.Add(codePoint, byte.Parse(fields[1])));
                break;
            case "canonical":
                var parts = Parse(fields.AsSpan(2));
                _canonical.Add(Parse(fields[0]), parts);
                if (fields[1] == "=")
                {
                    _compositions.Add((parts[0], parts[1]), Parse(fields[0]));
                    _seconds.Add(parts[1]);
                }

                break;
            case "compatibility":
                _compatible.Add(Parse(fields[0]), Parse(fields.AsSpan(1)));
                break;
            case "marks":
                ForRange(fields[0], codePoint => _marks.Add(codePoint));
                break;
            default:
                throw new InvalidOperationException($"NormalizationData.txt has an unknown section [{section}].");
        }
    }

    private static void ForRange(string range, Action<int> action)
    {
        var ends = range.Split('-');
        for (int codePoint = Parse(ends[0]), last = Parse(ends[^1]); codePoint <= last; codePoint++)
        {
            action(codePoint);
        }
    }

    private static int[] Parse(ReadOnlySpan<string> fields)
    {
        var values = new int[fields.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Parse(fields[i]);
        }

        return values;
    }

    private static int Parse(string hex) => int.Parse(hex, NumberStyles.HexNumber);
}
