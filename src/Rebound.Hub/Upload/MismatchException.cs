namespace Rebound.Hub.Upload;

/// <summary>Another content arrived than the hub was promised: all of it has to be sent again, to new addresses.</summary>
internal sealed class MismatchException(string message) : ExpiredException(message);
