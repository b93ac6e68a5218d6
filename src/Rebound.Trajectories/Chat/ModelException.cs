namespace Rebound.Trajectories.Chat;

/// <summary>A model that could not be asked: no endpoint answers, or one refuses for good. The message never holds a key.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
