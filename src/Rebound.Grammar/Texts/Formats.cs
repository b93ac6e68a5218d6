namespace Rebound.Grammar.Texts;

/// <summary>Formats of strings as patterns: what is written is always of the format; where a comment says so, not all of it is.</summary>
internal static class Formats
{
    private const string Year = "([0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})";
    private const string LeapYear = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";

    private const string Date = "(" + Year + "-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
        + "|02-(0[1-9]|1[0-9]|2[0-8]))|" + LeapYear + "-02-29)";

    private const string Clock = "([01][0-9]|2[0-3]):[0-5][0-9]";

    /// <summary>Without leap seconds.</summary>
    private const string Time = Clock + ":[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])";

    private const string Label = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private const string HostName = Label + "(\\." + Label + "){0,2}";
    private const string Byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string IPv4 = "(" + Byte + "\\.){3}" + Byte;
    private const string Group = "[0-9a-fA-F]{1,4}";

    /// <summary>Without an IPv4 address at its end.</summary>
    private const string IPv6 = "(" + Group + ":){7}" + Group + "|(" + Group + ":){1,7}:|(" + Group + ":){1,6}:" + Group
        + "|(" + Group + ":){1,5}(:" + Group + "){2}|(" + Group + ":){1,4}(:" + Group + "){3}|(" + Group + ":){1,3}(:" + Group
        + "){4}|(" + Group + ":){1,2}(:" + Group + "){5}|" + Group + ":(:" + Group + "){6}|:(:" + Group + "){1,7}|::";

    /// <summary>With a plain local part and a domain of two labels at least.</summary>
    private const string Email = "[a-zA-Z0-9_+-]{1,32}(\\.[a-zA-Z0-9_+-]{1,31})?@"
        + "([a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?\\.){1,3}[a-zA-Z]{2,10}";

    private const string UriCharacter = "([a-zA-Z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})";

    /// <summary>With a host that is a name.</summary>
    private const string Uri = "[a-z][a-z0-9+.-]{1,15}://" + HostName + "(:[1-9][0-9]{0,3})?(/" + UriCharacter + "*)*(\\?(" + UriCharacter
        + "|[/?])*)?(#(" + UriCharacter + "|[/?])*)?";

    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = Date + "T" + Time,
        ["duration"] = "P([0-9]{1,4}W|[0-9]{1,4}D(T[0-9]{1,4}[HMS])?|[0-9]{1,4}[YM](T[0-9]{1,4}[HMS])?|T[0-9]{1,4}[HMS])",
        ["email"] = Email,
        ["hostname"] = HostName,
        ["ipv4"] = IPv4,
        ["ipv6"] = IPv6,
        ["uuid"] = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        ["uri"] = Uri,
    };

    /// <summary>Formats of the standard that have no pattern here.</summary>
    private static readonly HashSet<string> Refused =
    [
        "idn-email", "idn-hostname", "uri-reference", "iri", "iri-reference", "uri-template", "json-pointer", "relative-json-pointer",
        "regex",
    ];

    public static IReadOnlyCollection<string> Known => Patterns.Keys;

    /// <summary>The pattern of a format; null for one that the standard does not know, which only annotates.</summary>
    /// <exception cref="GrammarException">The format is the standard's, and is not done.</exception>
    public static string? Pattern(string format, string place) => Refused.Contains(format)
        ? throw new GrammarException(
            place, $"the format '{format}' is none that is held to; there are {string.Join(", ", Known)}. Take it out, or give a pattern.")
        : Patterns.TryGetValue(format, out var pattern) ? $"^({pattern})$" : null;
}
