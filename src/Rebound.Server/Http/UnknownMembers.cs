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
        if (note is null || members is null)
        {
            return;
        }

        foreach (var name in members.Where(member => member.Value.ValueKind != JsonValueKind.Null).Select(member => member.Key))
        {
            lock (_noted)
            {
                if (_noted.Count >= MostNoted || !_noted.Add(name))
                {
                    continue;
                }
            }

            note($"A request to {endpoint} has the member '{(name.Length > LongestName ? name[..LongestName] + "…" : name)}', "
                + "which has no effect here; that is said once.");
        }
    }
}
