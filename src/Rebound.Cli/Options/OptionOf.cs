using System.CommandLine;

namespace Rebound.Cli.Options;

/// <summary>Makes options of the usual kinds, so that a table of them reads as one.</summary>
internal static class OptionOf
{
    public static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    public static Option<T> Number<T>(string name, string description) =>
        new(name) { HelpName = "N", Description = description };

    public static Option<T> Number<T>(string name, string description, T value) =>
        new(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => value };

    /// <param name="values">The first is the default.</param>
    public static Option<string> OneOf(string name, string description, params string[] values)
    {
        var option = new Option<string>(name)
        {
            HelpName = string.Join('|', values),
            Description = description,
            DefaultValueFactory = _ => values[0],
        };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
