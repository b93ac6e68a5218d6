using System.Text.Json;

namespace Rebound.Server.Http;

/// <summary>Members of requests that have no effect here: they are accepted, and noted once each.</summary>
internal sealed class UnknownMembers(Action<string>? note)
{
    /// <summary>Clients name them, so that there may be any number.</summary>
    private const int MostNoted = 100;

    private const int LongestName = 60;

    private readonly HashSet<string> _noted = [];

    /// <param name="endpoint">For example <c>/v1/chat/completions</c>.</param>
    public void Note(string endpoint, IReadOnlyDictionary<string, JsonElement>? members)
    {
        foreach (var (name, _) in members?.Where(member => member.Value.ValueKind != JsonValueKind.Null) ?? [])
        {
            Note(endpoint, name);
        }
    }

    /// <param name="endpoint">For example <c>/v1/chat/completions</c>.</param>
    /// <param name="member">One that has no effect.</param>
    public void Note(string endpoint, string member)
    {
        lock (_noted)
        {
            if (note is null || _noted.Count >= MostNoted || !_noted.Add(member))
            {
                return;
            }
        }

        note($"A request to {endpoint} has the member '{(member.Length > LongestName ? member[..LongestName] + "…" : member)}', "
            + "which has no effect here; that is said once.");
    }
}
