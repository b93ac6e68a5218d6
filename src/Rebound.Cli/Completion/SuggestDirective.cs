using System.CommandLine;
using System.Globalization;

namespace Rebound.Cli.Completion;

/// <summary>
/// The question of <c>dotnet suggest</c>, which completes commands that are made with System.CommandLine:
/// <c>rebound [suggest:POSITION] "command line"</c>.
/// </summary>
internal static class SuggestDirective
{
    private const string Beginning = "[suggest";

    /// <summary>Completions of the word at the position, a line each; null where the arguments do not ask for any.</summary>
    public static string? Answer(Command root, string[] arguments)
    {
        if (arguments is not [var directive, .. var rest] || !directive.StartsWith(Beginning, StringComparison.Ordinal)
            || !directive.EndsWith(']'))
        {
            return null;
        }

        var line = string.Join(' ', rest);
        var position = directive[Beginning.Length..^1] switch
        {
            "" => line.Length,
            [':', .. var digits] when int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) =>
                Math.Min(number, line.Length),
            _ => -1,
        };
        if (position < 0)
        {
            return null;
        }

        var words = line[..position].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        if (position == 0 || line[position - 1] == ' ')
        {
            words.Add("");
        }

        var isProgram = words.Count > 0 && Path.GetFileNameWithoutExtension(words[0]) == "rebound";
        return string.Concat(Completions.Of(root, isProgram ? words[1..] : words).Candidates.Select(candidate => $"{candidate.Text}\n"));
    }
}
