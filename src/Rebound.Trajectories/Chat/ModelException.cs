namespace Rebound.Trajectories.Chat;

/// <summary>A model that cannot answer: no endpoint is reachable, or one refuses for good. The message never holds a key.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
