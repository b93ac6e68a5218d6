using Microsoft.Extensions.AI;

namespace Rebound.Trajectories.Chat;

/// <summary>Where one conversation with a model is answered, from its first question to its last; disposed of at its end.</summary>
/// <param name="client">Stays its owner's.</param>
/// <param name="leave">Leaves the place to others; null for nothing to leave.</param>
public sealed class ChatPlace(IChatClient client, Action? leave = null) : IDisposable
{
    private Action? _leave = leave;

    public IChatClient Client => client;

    /// <summary>A place for a conversation with a model, one of several where it has them.</summary>
    public static ChatPlace Take(IChatClient model) => model.GetService<IChatPlaces>()?.Take() ?? new ChatPlace(model);

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
