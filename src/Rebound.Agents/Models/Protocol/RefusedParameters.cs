using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Rebound.Agents.Models.Protocol;

/// <summary>Finds in a server's refusal the parameter of the request that it does not know, or not with this value.</summary>
internal static class RefusedParameters
{
    /// <summary>Nothing can be asked without these.</summary>
    private static readonly string[] Essential = ["model", "messages", "stream", "tools"];

    /// <summary>In time that grows with the text and no faster.</summary>
    private const RegexOptions Linear = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <summary>Words by which servers refuse a parameter.</summary>
    private static readonly Regex Refusal = new(
        @"unsupported|unrecogni[sz]ed|unknown|unexpected|invalid|extra|forbidden|only|deprecated|removed|\binstead\b|"
        + @"\b(not|n't|no)\b.{0,40}\b(support|permit|allow|recogni|accept|valid|implement|known)",
        Linear);

    /// <summary>Words by which servers refuse a parameter's value, so that another name for the parameter would not help.</summary>
    private static readonly Regex Amount = new(@"too (large|long|high|many)|at most|exceed|less than|greater than", Linear);

    /// <param name="body">Of the refusal.</param>
    /// <param name="kept">Members that are never left out.</param>
    /// <returns>The member's name; null where the refusal is of something else.</returns>
    public static string? Find(string body, JsonObject request, IEnumerable<string> kept)
    {
        var optional = request.Select(member => member.Key).Except(Essential).Except(kept);
        var candidates = optional.OrderByDescending(name => name.Length).ToList();
        var sentence = ServerSentence.Of(body);
        if (ContextLength.IsMeant(body))
        {
            return null;
        }

        var named = Named(body).FirstOrDefault(candidates.Contains)
            ?? (Refusal.IsMatch(sentence) ? candidates.Find(name => IsIn(sentence, name)) : null);
        return named is not null && ServerDialect.IsTokenLimit(named) && Amount.IsMatch(sentence) ? null : named;
    }

    /// <summary>Every name that the refusal has in a member for it: OpenAI's <c>param</c>, the <c>loc</c> of FastAPI's.</summary>
    private static List<string> Named(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return [.. Named(document.RootElement)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Named(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Named),
        JsonValueKind.Object => Own(json).Concat(json.EnumerateObject().SelectMany(member => Named(member.Value))),
        JsonValueKind.String when json.GetString() is ['{', ..] nested => Named(nested),
        _ => [],
    };

    private static IEnumerable<string> Own(JsonElement json)
    {
        var place = json.Items("loc").Where(part => part.ValueKind == JsonValueKind.String).Select(part => part.GetString()!);
        return place.Where(part => part != "body").Take(1).Concat(json.Text("param") is { } parameter ? [parameter] : []);
    }

    /// <summary>Whether a sentence names it: a common word only where it is marked as a name.</summary>
    private static bool IsIn(string sentence, string name)
    {
        var word = Regex.Escape(name);
        return Regex.IsMatch(
            sentence,
            name.Contains('_') ? $@"\b{word}\b"
            : $@"['""`‘“]{word}['""`’”]"
                + $@"|\b(parameters?|arguments?|fields?|properties|property|inputs?|supplied|keys?|options?)\W{{1,3}}{word}\b"
                + $@"|\b{word}\W{{1,2}}(is|are|was|does|cannot|parameter|argument|field)\b",
            Linear);
    }
}
