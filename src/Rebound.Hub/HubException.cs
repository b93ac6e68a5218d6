namespace Rebound.Hub;

/// <summary>The hub refuses, cannot be reached, or sent something else than it promised. The message is for people.</summary>
public sealed class HubException(string message, Exception? inner = null) : IOException(message, inner);
