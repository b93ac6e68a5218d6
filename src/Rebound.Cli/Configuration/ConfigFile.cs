using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Rebound.Cli.Configuration;

/// <summary>An option that a configuration file sets.</summary>
/// <param name="Key">As written there.</param>
/// <param name="Values">One, or the items of a list; none for an empty value.</param>
/// <param name="Line">Counted from 1.</param>
internal sealed record ConfigEntry(string Key, IReadOnlyList<string> Values, long Line);

/// <summary>
/// A YAML file of options: one mapping from names to values or lists of values. Values are the texts that stand there, as
/// on the command line: <c>no</c> is the word, and <c>1e-5</c> is read by the option.
/// </summary>
internal static class ConfigFile
{
    /// <exception cref="InputException">The file is absent or no such mapping; the message has the line.</exception>
    public static IReadOnlyList<ConfigEntry> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new InputException($"{path} does not exist; it should be a YAML file of options.");
        }

        try
        {
            using var reader = File.OpenText(path);
            return Parse(new Parser(reader), path);
        }
        catch (YamlException e)
        {
            throw InputException.AtLine(path, (int)e.Start.Line, $"it is not YAML: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private static List<ConfigEntry> Parse(Parser parser, string path)
    {
        var entries = new List<ConfigEntry>();
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return entries;
        }

        parser.Consume<DocumentStart>();
        if (!parser.TryConsume<MappingStart>(out _))
        {
            throw InputException.AtLine(path, Line(parser), "options are written as 'name: value', a line each.");
        }

        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ScalarOf(parser, path, "a name of an option");
            entries.Add(new ConfigEntry(key.Value, Values(parser, path, key.Value), key.Start.Line));
        }

        return entries;
    }

    private static List<string> Values(Parser parser, string path, string key)
    {
        var values = new List<string>();
        if (!parser.TryConsume<SequenceStart>(out _))
        {
            var value = ScalarOf(parser, path, $"the value of '{key}', which is one value or a list of values");
            if (!IsNull(value))
            {
                values.Add(value.Value);
            }

            return values;
        }

        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            values.Add(ScalarOf(parser, path, $"a value in the list of '{key}'").Value);
        }

        return values;
    }

    private static Scalar ScalarOf(Parser parser, string path, string expected) => parser.TryConsume<Scalar>(out var scalar)
        ? scalar
        : throw InputException.AtLine(path, Line(parser), $"expected is {expected}, and here something nested begins.");

    private static bool IsNull(Scalar scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";

    private static int Line(Parser parser) => (int)(parser.Current?.Start.Line ?? 1);
}
