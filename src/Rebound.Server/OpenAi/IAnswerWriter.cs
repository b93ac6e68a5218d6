using System.Text.Json;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>Writes the answers to one request in the form of its endpoint.</summary>
internal interface IAnswerWriter
{
    /// <summary>The response of a request that is not streamed.</summary>
    void WriteWhole(Utf8JsonWriter writer, AnswerRun run);

    /// <summary>Adds a token's events to a stream.</summary>
    /// <param name="choice">The answer's number.</param>
    /// <param name="usage">To be told with it; null for not.</param>
    void Add(EventStream stream, int choice, ChoiceDelta delta, Usage? usage);

    /// <summary>Adds the usage as an event of its own.</summary>
    void AddUsage(EventStream stream, Usage usage);

    /// <summary>Adds what ends a stream.</summary>
    void AddEnd(EventStream stream, AnswerRun run);

    /// <summary>Adds an error, where the status has been sent; it is the last event.</summary>
    void AddError(EventStream stream, ApiException error) => stream.Add(writer => Responses.Error(error).WriteTo(writer));
}
