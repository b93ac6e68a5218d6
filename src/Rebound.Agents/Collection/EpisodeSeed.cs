using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Rebound.Agents.Collection;

/// <summary>
/// The seed of an episode: a function of the run's seed and the episode's identity, so that its draws depend neither on other episodes
/// nor on restarts.
/// </summary>
public static class EpisodeSeed
{
    /// <param name="seed">The run's.</param>
    /// <param name="episode">A key that is unique to the episode: a question's id, an attempt's key.</param>
    public static long Of(long seed, string episode) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{episode}")));
}
