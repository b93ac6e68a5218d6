using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Rebound.Agents.Tasks;

namespace Rebound.Agents.Evaluation;

/// <summary>
/// The seed of an episode: a function of the run's seed and the question alone, so that a question draws the same in every
/// slice, and conditions are compared on the same draws.
/// </summary>
public static class QuestionSeed
{
    public static long Of(long seed, TaskQuestion question) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{question.IdText}")));
}
