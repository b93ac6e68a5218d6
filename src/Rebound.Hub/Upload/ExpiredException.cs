namespace Rebound.Hub.Upload;

/// <summary>The storage takes nothing more at the addresses that the hub gave: new ones are needed.</summary>
internal class ExpiredException(string message) : Exception(message);
