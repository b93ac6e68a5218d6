using Rebound.Files.Rows;
using Rebound.Files.Yaml;

namespace Rebound.Cli.Configuration;

/// <summary>An option that a configuration file sets.</summary>
/// <param name="Key">As written there.</param>
/// <param name="Values">One, or the items of a list; none for an empty value.</param>
/// <param name="Line">Counted from 1.</param>
internal sealed record ConfigEntry(string Key, IReadOnlyList<string> Values, int Line);

/// <summary>
/// A YAML file of options: one mapping from names to values or lists of values. Values are the texts that stand there, as
/// on the command line: <c>no</c> is the word, and <c>1e-5</c> is read by the option.
/// </summary>
internal static class ConfigFile
{
    /// <param name="takesObject">Whether a mapping may stand under a name; its value is JSON then.</param>
    /// <exception cref="InputException">The file is absent, no YAML, or no such mapping; the message has the line.</exception>
    public static IReadOnlyList<ConfigEntry> Read(string path, Func<string, bool> takesObject)
    {
        if (!File.Exists(path))
        {
            throw new InputException($"{path} does not exist; it should be a YAML file of options.");
        }

        return Nodes(path) switch
        {
            null => [],
            YamlMapping options => [.. options.Entries.Select(option =>
                new ConfigEntry(
                    option.Key.Value,
                    option.Value is YamlMapping value && takesObject(option.Key.Value)
                        ? [Json(value, path)]
                        : Values(option.Value, path, option.Key.Value),
                    option.Key.Line))],
            var other => throw InputException.AtLine(path, other.Line, "options are written as 'name: value', a line each."),
        };
    }

    private static YamlNode? Nodes(string path) => Read(() => YamlFile.ReadNodes(path));

    private static string Json(YamlMapping value, string path) => Read(() => YamlFile.ToJson(value, path)!.ToJsonString());

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DataException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    private static string[] Values(YamlNode value, string path, string key) => value switch
    {
        YamlText { IsPlain: true, Value: "" or "~" or "null" } => [],
        YamlList list => [.. list.Items.Select(item => TextOf(item, path, $"a value in the list of '{key}'"))],
        _ => [TextOf(value, path, $"the value of '{key}', which is one value or a list of values")],
    };

    private static string TextOf(YamlNode node, string path, string expected) => node is YamlText text
        ? text.Value
        : throw InputException.AtLine(path, node.Line, $"expected is {expected}, and here something nested begins.");
}
