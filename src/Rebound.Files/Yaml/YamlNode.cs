namespace Rebound.Files.Yaml;

/// <summary>
/// A value of a YAML document as it is written, before anything is made of it. What an anchor names is one object, however often it
/// is referred to: a document takes no more memory than its text.
/// </summary>
public abstract class YamlNode
{
    private protected YamlNode(int line) => Line = line;

    /// <summary>Where it begins, counted from 1.</summary>
    public int Line { get; }

    /// <summary>Levels of lists and mappings from here on; 0 for a text.</summary>
    internal int Height { get; private protected init; }

    /// <summary>Values here and within, each counted as often as it is referred to.</summary>
    internal long Count { get; private protected init; } = 1;
}

/// <summary>A text, number or word.</summary>
public sealed class YamlText : YamlNode
{
    internal YamlText(string value, bool isPlain, int line)
        : base(line) => (Value, IsPlain) = (value, isPlain);

    /// <summary>The text, without quotation marks.</summary>
    public string Value { get; }

    /// <summary>Whether it is written without quotation marks, and so may be a number or <c>null</c>.</summary>
    public bool IsPlain { get; }
}

/// <summary>Values in order.</summary>
public sealed class YamlList : YamlNode
{
    internal YamlList(IReadOnlyList<YamlNode> items, int line)
        : base(line)
    {
        Items = items;
        Height = 1 + items.Select(item => item.Height).DefaultIfEmpty().Max();
        Count = 1 + items.Sum(item => item.Count);
    }

    public IReadOnlyList<YamlNode> Items { get; }
}

/// <summary>Values by key, in the order of the file; a key that stands there twice is here twice.</summary>
public sealed class YamlMapping : YamlNode
{
    internal YamlMapping(IReadOnlyList<(YamlText Key, YamlNode Value)> entries, int line)
        : base(line)
    {
        Entries = entries;
        Height = 1 + entries.Select(entry => entry.Value.Height).DefaultIfEmpty().Max();
        Count = 1 + entries.Sum(entry => 1 + entry.Value.Count);
    }

    public IReadOnlyList<(YamlText Key, YamlNode Value)> Entries { get; }
}
