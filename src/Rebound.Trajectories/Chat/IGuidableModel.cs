using Microsoft.Extensions.AI;
using Rebound.Trajectories;

namespace Rebound.Trajectories.Chat;

/// <summary>
/// A model that supports guidance away from another prompt's distribution (classifier-free guidance); a chat client offers it as a
/// service.
/// </summary>
public interface IGuidableModel
{
    /// <summary>
    /// The model as it answers one conversation under guidance: logits = p + w·(p − n), n being those of the other conversation.
    /// </summary>
    /// <param name="prompt">How many of the first messages are the prompt.</param>
    /// <param name="opposite">Their replacement in the conversation to steer away from.</param>
    /// <param name="weight">w.</param>
    IChatClient Guided(int prompt, IReadOnlyList<Turn> opposite, float weight);
}
