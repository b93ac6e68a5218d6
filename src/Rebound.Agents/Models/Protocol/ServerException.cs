namespace Rebound.Agents.Models.Protocol;

/// <summary>An error that a server returned instead of an answer.</summary>
/// <param name="status">The HTTP status, or the one that an error within an answer names; 0 for none.</param>
/// <param name="sentence">The server's own words; empty where it has none.</param>
/// <param name="retryAfter">How long it asks to be left alone; null where it does not.</param>
internal sealed class ServerException(int status, string sentence, TimeSpan? retryAfter = null) : Exception(Describe(status, sentence))
{
    public int Status => status;

    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Whether a retry would fail the same: the request, its key, or its address is wrong.</summary>
    public bool IsRefusal => IsOfTheKey || IsOfTheLength || status is >= 300 and < 500 and not (408 or 409 or 425 or 429);

    /// <summary>Whether the key or its account is rejected, whatever the request.</summary>
    public bool IsOfTheKey => status is 401 or 402
        || (status == 429 && sentence.Contains("current quota", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the conversation is too long for the model; a shorter one may be answered.</summary>
    public bool IsOfTheLength => status != 429 && ContextLength.IsMeant(sentence);

    private static string Describe(int status, string sentence)
    {
        var said = sentence.Length == 0 ? "" : $" ({sentence})";
        var hint = status switch
        {
            401 => " Is the key right?",
            404 => " Are the model's name and the endpoint's path right? Most paths end in /v1.",
            _ => "",
        };
        return status == 0 ? $"the server reports an error{said}." : $"the server answered {status}{said}.{hint}";
    }
}
