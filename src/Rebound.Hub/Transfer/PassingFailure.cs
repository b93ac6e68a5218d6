namespace Rebound.Hub.Transfer;

/// <summary>A failure after which trying again may help.</summary>
/// <param name="wait">How long to wait, as the server says; null where it does not.</param>
internal sealed class PassingFailure(string message, TimeSpan? wait = null) : Exception(message)
{
    public TimeSpan? Wait => wait;
}
