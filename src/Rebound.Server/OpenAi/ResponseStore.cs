using System.Text;
using System.Text.Json.Nodes;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>Conversations that a request may go on from by the id of their last response: the latest, in memory.</summary>
internal sealed class ResponseStore
{
    private const int MostResponses = 1000;
    private const long MostBytes = 64 << 20;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, string> _kept = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Keeps the messages up to a response, that one included.</summary>
    public void Keep(string id, JsonArray messages)
    {
        var text = messages.ToJsonString();
        lock (_lock)
        {
            _kept.Add(id, text);
            _bytes += Encoding.UTF8.GetByteCount(text);
            while (_kept.Count > MostResponses || (_bytes > MostBytes && _kept.Count > 0))
            {
                _bytes -= Encoding.UTF8.GetByteCount(_kept.GetAt(0).Value);
                _kept.RemoveAt(0);
            }
        }
    }

    /// <summary>The messages up to a response; none for null.</summary>
    /// <exception cref="ApiException">It is not there, or no longer.</exception>
    public JsonArray Find(string? id)
    {
        if (id is null)
        {
            return [];
        }

        lock (_lock)
        {
            return _kept.TryGetValue(id, out var text)
                ? JsonNode.Parse(text)!.AsArray()
                : throw new ApiException(404, "invalid_request_error",
                    "The response that 'previous_response_id' names is not here, or no longer: send the conversation as 'input'.")
                {
                    Code = "previous_response_not_found",
                    Parameter = "previous_response_id",
                };
        }
    }
}
