using Rebound.Server.OpenAi;

namespace Rebound.Server.Telemetry;

/// <summary>Answers that <see cref="RequestTelemetry"/> measures.</summary>
internal interface IMeasured
{
    /// <summary>Tokens so far.</summary>
    Usage Usage { get; }

    /// <summary>Every answer: why it ended, in OpenAI's words, null where it did not, and its tokens so far.</summary>
    IEnumerable<(string? Finish, int Tokens)> Answers { get; }
}
