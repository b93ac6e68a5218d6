using System.Text.Json.Nodes;

namespace Rebound.Gateway.Protocols;

/// <summary>A protocol whose conversations are recorded.</summary>
internal interface IRecordedProtocol
{
    /// <summary>Finds the end of an answer that comes as events.</summary>
    StreamEnd NewEnd();

    /// <exception cref="FormatException">It cannot be learned from; the sentence says why.</exception>
    Asked ReadRequest(JsonObject body);

    /// <exception cref="FormatException">It cannot be learned from; the sentence says why.</exception>
    /// <exception cref="UnfinishedException">It did not come to its end.</exception>
    Answered ReadAnswer(JsonObject body);

    /// <inheritdoc cref="ReadAnswer"/>
    Task<Answered> ReadEventsAsync(Stream events);
}
