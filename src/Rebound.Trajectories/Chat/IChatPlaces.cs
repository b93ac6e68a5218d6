namespace Rebound.Trajectories.Chat;

/// <summary>
/// A model that answers in several places, each with what it has read of its own conversations; a chat client offers it as a service.
/// </summary>
public interface IChatPlaces
{
    /// <summary>Gives a conversation the place with the fewest of them.</summary>
    ChatPlace Take();
}
