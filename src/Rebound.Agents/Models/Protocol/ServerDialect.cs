using System.Text.Json.Nodes;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// The subset of OpenAI's protocol that a server accepts: known of some by their addresses, learned of others from their refusals.
/// </summary>
/// <param name="extra">Members of every request, which go before those of ours and are never left out; null for none.</param>
/// <param name="tell">Hears a sentence for every parameter that is not sent any more; null for nobody.</param>
internal sealed class ServerDialect(Uri address, JsonObject? extra, Action<string>? tell)
{
    private const string OldLimit = "max_tokens";
    private const string NewLimit = "max_completion_tokens";
    private static readonly string[] MistralHosts = ["mistral.ai"];
    private static readonly string[] NewLimitHosts = ["openai.com", "azure.com"];

    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public static bool IsTokenLimit(string parameter) => parameter is OldLimit or NewLimit;

    /// <summary>A request as this server takes it.</summary>
    /// <param name="request">As OpenAI's protocol has it.</param>
    public JsonObject Adapt(JsonObject request)
    {
        var adapted = new JsonObject();
        foreach (var (name, value) in request)
        {
            if (NameOf(name) is { } known)
            {
                var isAny = known == "tool_choice" && IsAt(MistralHosts) && value?.ToString() == "required";
                adapted[known] = isAny ? "any" : value?.DeepClone();
            }
        }

        foreach (var (name, value) in extra ?? [])
        {
            adapted[name] = value?.DeepClone();
        }

        return adapted;
    }

    /// <summary>Learns from an error which parameter is rejected; false where the error is about something else.</summary>
    /// <param name="request">As it was sent.</param>
    public bool Learn(JsonObject request, string refusal)
    {
        if (RefusedParameters.Find(refusal, request, (extra ?? []).Select(member => member.Key)) is not { } parameter)
        {
            return false;
        }

        bool isNew;
        lock (_lock)
        {
            isNew = _refused.Add(parameter);
        }

        if (isNew)
        {
            var server = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
            var instead = IsTokenLimit(parameter) ? NameOf(parameter) : null;
            tell?.Invoke(
                $"{server} refuses {parameter} ({ServerSentence.Of(refusal)}); "
                + (instead is null ? "requests go without it from here on." : $"{instead} is sent instead."));
        }

        return true;
    }

    /// <summary>The server's name for a parameter; null for one that it refuses.</summary>
    private string? NameOf(string parameter)
    {
        lock (_lock)
        {
            if (IsTokenLimit(parameter))
            {
                string[] names = IsAt(NewLimitHosts) ? [NewLimit, OldLimit] : [OldLimit, NewLimit];
                return names.FirstOrDefault(name => !_refused.Contains(name));
            }

            var known = parameter == "seed" && IsAt(MistralHosts) ? "random_seed" : parameter;
            return _refused.Contains(known) ? null : known;
        }
    }

    private bool IsAt(string[] hosts) =>
        hosts.Any(host => address.Host == host || address.Host.EndsWith($".{host}", StringComparison.OrdinalIgnoreCase));
}
