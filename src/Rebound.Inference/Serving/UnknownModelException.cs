namespace Rebound.Inference.Serving;

/// <summary>A request names a model that is not there, or a condition that it has not.</summary>
public sealed class UnknownModelException(string message) : ArgumentException(message);
