using System.Globalization;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Files.Yaml;

namespace Rebound.Cli.Study;

/// <summary>A mapping of a YAML file, read key by key; all that is wrong names file and line.</summary>
internal sealed class YamlSection
{
    private readonly string _name;

    private YamlSection(string path, string name, IReadOnlyList<(YamlText Key, YamlNode Value)> entries)
    {
        (Path, _name, Entries) = (path, name, entries);
        foreach (var (key, _) in Entries.GroupBy(entry => entry.Key.Value).Where(same => same.Count() > 1).Select(same => same.Last()))
        {
            throw Error(key, $"'{key.Value}' stands twice in {_name}.");
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    public IReadOnlyList<(YamlText Key, YamlNode Value)> Entries { get; }

    /// <exception cref="InputException">The file is absent, or no YAML mapping.</exception>
    public static YamlSection Read(string path, string name)
    {
        try
        {
            return YamlFile.ReadNodes(path) is YamlMapping mapping
                ? new YamlSection(path, name, mapping.Entries)
                : throw new InputException($"{path} is no {name}: it must be a mapping, 'name: value', a line each.");
        }
        catch (DataException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    /// <summary>A value that must be a mapping; one that is left empty has no entries.</summary>
    public YamlSection Of(YamlNode node, string name) => node switch
    {
        YamlMapping mapping => new YamlSection(Path, name, mapping.Entries),
        YamlText text when IsEmpty(text) => Empty(name),
        _ => throw Error(node, $"{name} must be a mapping, 'name: value', a line each."),
    };

    /// <summary>A mapping without entries.</summary>
    public YamlSection Empty(string name) => new(Path, name, []);

    /// <summary>The mapping of a key; null where it is absent.</summary>
    public YamlSection? Section(string key) => Find(key) is { } node ? Of(node, $"'{key}'") : null;

    public InputException Error(YamlNode at, string problem) => InputException.AtLine(Path, at.Line, problem);

    /// <summary>For example <c>study.yml, line 3</c>.</summary>
    public string Place(YamlNode at) => $"{Path}, line {at.Line}";

    /// <exception cref="InputException">A key is none of these; the nearest one is named.</exception>
    public void CheckKeys(params string[] known)
    {
        foreach (var key in Entries.Select(entry => entry.Key).Where(key => !known.Contains(key.Value)))
        {
            var nearest = NearestName.Find(key.Value, known) is { } name ? $"; did you mean {name}?" : ".";
            throw Error(key, $"{_name} has no key '{key.Value}'{nearest} There are {string.Join(", ", known)}.");
        }
    }

    /// <summary>The value of a key; null where it is absent or left empty.</summary>
    public YamlNode? Find(string key) =>
        Entries.Where(entry => entry.Key.Value == key).Select(entry => entry.Value).FirstOrDefault(value => !IsEmpty(value));

    /// <exception cref="InputException">The key is absent.</exception>
    public YamlNode Require(string key, string what) => Find(key) ?? throw new InputException($"{Path}: {_name} lacks '{key}', {what}.");

    public string? Text(string key) => Find(key) is { } node ? TextOf(node, $"'{key}'") : null;

    public string TextOf(YamlNode node, string what) =>
        node is YamlText text ? text.Value : throw Error(node, $"{what} must be one value.");

    /// <summary>One text, or several.</summary>
    public IReadOnlyList<string> Texts(YamlNode node, string what) =>
        node is YamlList list ? [.. list.Items.Select(item => TextOf(item, $"each of {what}"))] : [TextOf(node, what)];

    public bool Flag(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        "true" => true,
        "false" => false,
        var text => throw Error(Find(key)!, $"'{key}' is '{text}', and must be true or false."),
    };

    /// <summary>A whole number; null where it is absent.</summary>
    public int? Count(string key, int least) => Find(key) is { } node ? CountOf(node, $"'{key}'", least) : null;

    public double? Number(string key, double least, double most) => Text(key) switch
    {
        null => null,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most => number,
        var text => throw Error(Find(key)!, $"'{key}' is '{text}', and must be a number from {least} to {most}."),
    };

    /// <summary>A whole number, or several; null where the key is absent.</summary>
    public IReadOnlyList<int>? Counts(string key, int least) => Find(key) switch
    {
        null => null,
        YamlList list => [.. list.Items.Select(item => CountOf(item, $"each of '{key}'", least)).Distinct()],
        var node => [CountOf(node, $"'{key}'", least)],
    };

    private int CountOf(YamlNode node, string what, int least)
    {
        var text = TextOf(node, what);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least
            ? count
            : throw Error(node, $"{what} is '{text}', and must be a whole number of at least {least}.");
    }

    private static bool IsEmpty(YamlNode node) => node is YamlText { IsPlain: true, Value: "" or "~" or "null" };
}
