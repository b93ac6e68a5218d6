namespace Rebound.Agents.Models;

/// <summary>A secret that can be sent and not be printed: as text it is asterisks.</summary>
public sealed class ApiKey
{
    private readonly string _value;

    /// <exception cref="ArgumentException">The key is empty, or holds what no header can.</exception>
    public ApiKey(string value) => _value = value.Length > 0 && value.All(unit => unit is > ' ' and < '\u007f')
        ? value
        : throw new ArgumentException("An API key must be printable characters without blanks.");

    /// <summary>The key of an environment variable; null where it is not set.</summary>
    public static ApiKey? FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? new ApiKey(value.Trim()) : null;

    /// <summary>The secret, for a request's header.</summary>
    public string Reveal() => _value;

    public override string ToString() => "***";
}
