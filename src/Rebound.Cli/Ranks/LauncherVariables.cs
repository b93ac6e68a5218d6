namespace Rebound.Cli.Ranks;

/// <summary>The environment as launchers set it: names with values that are there, and numbers that are numbers.</summary>
internal sealed class LauncherVariables(IReadOnlyDictionary<string, string> variables)
{
    /// <summary>Null where it is absent or empty.</summary>
    public string? Text(string name) => variables.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;

    public bool Has(string name) => Text(name) is not null;

    /// <summary>Whether all of these are there.</summary>
    public bool HasAll(params string[] names) => Array.TrueForAll(names, Has);

    /// <summary>The first of these that is there.</summary>
    public string? TextOfAny(params string[] names) => names.Select(Text).FirstOrDefault(text => text is not null);

    /// <summary>The name of the first of these that is there.</summary>
    public string? NameOfAny(params string[] names) => Array.Find(names, Has);

    /// <summary>A whole number of at least <paramref name="least"/>; null where it is absent.</summary>
    /// <exception cref="InputException">It is there, and something else.</exception>
    public int? Number(string name, int least = 0) => Text(name) is not { } text
        ? null
        : int.TryParse(text, out var number) && number >= least
            ? number
            : throw new InputException($"The variable {name} is '{text}'; it must be a whole number of at least {least}.");

    /// <summary>The first of these that is there.</summary>
    public int? NumberOfAny(int least, params string[] names) => NameOfAny(names) is { } name ? Number(name, least) : null;

    /// <summary>A number that a launcher always sets beside another one.</summary>
    /// <param name="beside">The variable that says that the launcher is there.</param>
    /// <exception cref="InputException">It is absent.</exception>
    public int Required(string name, string beside, int least = 0) => Number(name, least)
        ?? throw new InputException($"The variable {beside} is set and {name} is not: set both, or neither.");
}
