using System.Text;

namespace Rebound.Fuzz.Mutation;

/// <summary>Spoils JSON lines: values inside a line, and lines that are absent, doubled, joined or in another order.</summary>
internal sealed class LineMutator : IMutator
{
    /// <summary>Lines that are put between others.</summary>
    private static readonly string[] Strays = ["", " ", "null", "[]", "{}", "0", "\"a\"", "{", "}", "// a", "\u001e", "\0"];

    public static readonly LineMutator Instance = new();

    public byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        if (random.OneIn(8))
        {
            return ByteMutator.Instance.Mutate(seed, seeds, random);
        }

        var lines = Lines(seed);
        var others = Lines(random.Pick(seeds));
        var at = random.Below(lines.Count);
        switch (random.Below(10))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, random.Pick(others));
                break;
            case 2:
                lines.Insert(at, random.Pick(Strays));
                break;
            case 3 when lines.Count > 1:
                lines.Reverse();
                break;
            case 4:
                lines[at] = $"{lines[at]}{random.Pick(lines)}";
                break;
            default:
                lines[at] = JsonMutator.Spoil(
                    JsonTree.Parse(Encoding.UTF8.GetBytes(lines[at])), JsonTree.Parse(Encoding.UTF8.GetBytes(random.Pick(others))), random);
                break;
        }

        return Encoding.UTF8.GetBytes(string.Join(random.OneIn(30) ? "\r\n" : "\n", lines) + (random.OneIn(10) ? "" : "\n"));
    }

    private static List<string> Lines(byte[] text) => [.. Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
}
