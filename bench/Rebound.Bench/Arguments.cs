namespace Rebound.Bench;

/// <summary>Reads <c>--name value</c> pairs.</summary>
internal static class Arguments
{
    /// <summary>The value after a name, or null.</summary>
    public static string? Option(string[] arguments, string name)
    {
        var index = Array.IndexOf(arguments, name);
        return index >= 0 && index + 1 < arguments.Length ? arguments[index + 1] : null;
    }
}
