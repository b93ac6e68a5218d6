using Rebound.Files.Yaml;

namespace Rebound.Cli.Study;

/// <summary>A study's file as its report shows it: the sections with what is set in them.</summary>
internal static class StudyAbout
{
    public static IReadOnlyList<(string Name, string Value)> Of(StudyFile file) =>
        [.. file.File.Entries.Select(entry => (entry.Key.Value, TextOf(entry.Value)))];

    private static string TextOf(YamlNode node) => node switch
    {
        YamlText text => text.Value,
        YamlList list => string.Join(", ", list.Items.Select(item => item is YamlText ? TextOf(item) : $"({TextOf(item)})")),
        YamlMapping mapping => string.Join("; ", mapping.Entries.Select(entry => entry.Value switch
        {
            YamlText { Value: "" } => entry.Key.Value,
            YamlMapping { Entries.Count: 0 } => entry.Key.Value,
            YamlMapping inner => $"{entry.Key.Value} ({TextOf(inner)})",
            var value => $"{entry.Key.Value}: {TextOf(value)}",
        })),
        _ => "",
    };
}
