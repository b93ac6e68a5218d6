using System.Text;

namespace Rebound.Fuzz.Mutation;

/// <summary>
/// Spoils JSON where it hurts: members that are absent, doubled, renamed or of another type, numbers at and beyond the edges, lone
/// surrogates, long texts, lists in another order, and nesting without end.
/// </summary>
internal sealed class JsonMutator : IMutator
{
    /// <summary>What is put into texts, as JSON writes it.</summary>
    private static readonly string[] Pieces = [@"\ud83d", @"\u0000", @"\n", " ", "😀", "{", "\\\"", "%", @"\u001b"];

    public static readonly JsonMutator Instance = new();

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "1", "-1", "2", "0.5", "-0.5", "1e400", "-1e400", "1e-400", "1e15", "127", "128",
        "255", "256", "65536", "2147483647",
        "2147483648", "-2147483648", "4294967295", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "123456789012345678901234567890123456789012", "1.0", "1e2", "NaN", "Infinity", "01",
        "\"\"", "\" \"", "\"a\"", "\"1\"",
        "\"true\"", "\"null\"", @"""\ud800""", @"""\udc00\ud800""", @"""a\u0000b""", @"""\u001b[31m\u202e""", "\"😀\"", "\"a\\nb\"",
        "\"../../x\"", "\"/dev/zero\"",
        "[]", "{}", "[null]", "[[]]", "{\"\":null}", "[0,\"a\"]", "[\"a\",\"b\"]", "[-1]", "{\"type\":\"x\"}",
    ];

    private static readonly string[] Names = ["\"\"", "\"type\"", "\"id\"", "\"content\"", @"""\ud800""", @"""a\u0000""",
        "\"__proto__\"", "\"extra\"", "\"0\""];

    public byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        if (random.OneIn(8))
        {
            return ByteMutator.Instance.Mutate(seed, seeds, random);
        }

        var text = Encoding.UTF8.GetBytes(Spoil(JsonTree.Parse(seed), JsonTree.Parse(random.Pick(seeds)), random));
        return random.OneIn(16) ? ByteMutator.Instance.Mutate(text, seeds, random) : text;
    }

    /// <summary>The text of a tree after a few changes.</summary>
    /// <param name="other">A tree to take values of.</param>
    public static string Spoil(JsonTree tree, JsonTree other, FuzzRandom random)
    {
        for (var left = random.Between(1, random.OneIn(4) ? 6 : 2); left > 0; left--)
        {
            Once(tree, other, random);
        }

        return tree.ToString();
    }

    private static void Once(JsonTree root, JsonTree other, FuzzRandom random)
    {
        var all = root.All().ToList();
        var target = random.Pick(all);
        var holder = random.Pick(all.Where(value => value.Children.Count > 0).DefaultIfEmpty(root).ToList());
        switch (random.Below(14))
        {
            case 0 when holder.Children.Count > 0:
                holder.Children.RemoveAt(random.Below(holder.Children.Count));
                break;
            case 1 when holder.Children.Count > 0:
                var (name, value) = random.Pick(holder.Children);
                holder.Children.Insert(
                    random.Below(holder.Children.Count + 1), (name, random.OneIn(2) ? value.Copy() : JsonTree.Leaf(random.Pick(Values))));
                break;
            case 2 when holder.IsObject && holder.Children.Count > 0:
                var at = random.Below(holder.Children.Count);
                holder.Children[at] = (Name(all, random), holder.Children[at].Value);
                break;
            case 3:
                holder.Children.Add((Name(all, random), JsonTree.Leaf(random.Pick(Values))));
                break;
            case 4 when holder.Children.Count > 1:
                holder.Children.Reverse(0, random.Between(2, holder.Children.Count));
                break;
            case 5:
                target.Become(random.Pick(all).Copy());
                break;
            case 6:
                target.Become(random.Pick(other.All().ToList()));
                break;
            case 7:
                Wrap(target, random);
                break;
            case 8 when target.Raw is { } raw:
                target.Raw = Changed(raw, random);
                break;
            case 9 when holder.Children.Count > 0:
                var repeated = random.Pick(holder.Children);
                holder.Children.AddRange(Enumerable.Repeat(repeated, random.Length(2_000)));
                break;
            case 10 when random.OneIn(4):
                target.Become(JsonTree.Leaf($"\"{new string(random.OneIn(2) ? 'a' : ' ', random.Length(200_000))}\""));
                break;
            case 11 when random.OneIn(8):
                target.Become(JsonTree.Leaf(Nest(random)));
                break;
            default:
                target.Become(JsonTree.Leaf(random.Pick(Values)));
                break;
        }
    }

    private static string Name(List<JsonTree> all, FuzzRandom random)
    {
        var known = all.SelectMany(value => value.Children).Select(child => child.Name).OfType<string>().ToList();
        return known.Count > 0 && random.OneIn(2) ? random.Pick(known) : random.Pick(Names);
    }

    private static void Wrap(JsonTree target, FuzzRandom random)
    {
        var inner = target.Copy();
        target.Raw = null;
        target.IsObject = random.OneIn(2);
        target.Children.Clear();
        target.Children.Add(("\"type\"", inner));
    }

    /// <summary>A text or a number with a piece of it changed.</summary>
    private static string Changed(string raw, FuzzRandom random)
    {
        if (raw is not ['"', .., '"'])
        {
            return random.OneIn(2) ? $"-{raw}" : $"{raw}{random.Below(10)}";
        }

        var inside = raw[1..^1];
        var at = random.Below(inside.Length + 1);
        return random.Below(5) switch
        {
            0 => $"\"{inside[..at]}\"",
            1 => $"\"{inside[..at]}{random.Pick(Pieces)}{inside[at..]}\"",
            2 => $"\"{string.Concat(Enumerable.Repeat(inside, random.Length(64)))}\"",
            3 => $"\"{inside.ToUpperInvariant()}\"",
            _ => $"\"{inside[at..]}\"",
        };
    }

    private static string Nest(FuzzRandom random)
    {
        var depth = random.OneIn(4) ? random.Between(1_000, 100_000) : random.Between(2, 300);
        var (open, close) = random.OneIn(2) ? ("[", "]") : ("{\"type\":", "}");
        return random.OneIn(8)
            ? string.Concat(Enumerable.Repeat(open, depth))
            : $"{string.Concat(Enumerable.Repeat(open, depth))}0{string.Concat(Enumerable.Repeat(close, depth))}";
    }
}
