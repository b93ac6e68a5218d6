namespace Rebound.Gateway.Protocols;

/// <summary>An answer that did not come to its end.</summary>
/// <param name="message">The reason, for counts.</param>
internal sealed class UnfinishedException(string message, Exception? inner = null) : Exception(message, inner);
