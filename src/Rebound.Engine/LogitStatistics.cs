using System.Numerics;
using System.Numerics.Tensors;

namespace Rebound.Engine;

/// <summary>Log-probabilities and ranks of tokens, and the likeliest ones, by a row of logits in the host's memory.</summary>
public static class LogitStatistics
{
    /// <summary>Logits whose exponentials are summed in fp32, before the sum goes on in fp64.</summary>
    private const int Chunk = 1024;

    /// <summary>The natural logarithm of the sum of exponentials: a logit less this is its token's log-probability.</summary>
    /// <param name="logits">[V], finite.</param>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var largest = TensorPrimitives.Max(logits);
        Span<float> exponentials = stackalloc float[Chunk];
        var sum = 0.0;
        for (var start = 0; start < logits.Length; start += Chunk)
        {
            var part = exponentials[..Math.Min(Chunk, logits.Length - start)];
            TensorPrimitives.Subtract(logits.Slice(start, part.Length), largest, part);
            TensorPrimitives.Exp<float>(part, part);
            sum += TensorPrimitives.Sum<float>(part);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>A token's place among all, the likeliest at 1; of equally likely ones that of the smallest id comes first.</summary>
    /// <param name="logits">[V].</param>
    public static int Rank(ReadOnlySpan<float> logits, int token)
    {
        var own = logits[token];
        var (larger, place) = (Vector<int>.Zero, 0);
        var limit = new Vector<float>(own);
        for (; place <= logits.Length - Vector<float>.Count; place += Vector<float>.Count)
        {
            // A lane that is larger is −1.
            larger -= Vector.GreaterThan(new Vector<float>(logits[place..]), limit);
        }

        var before = Vector.Sum(larger);
        for (; place < logits.Length; place++)
        {
            before += logits[place] > own ? 1 : 0;
        }

        return 1 + before + logits[..token].Count(own);
    }

    /// <summary>The likeliest tokens, the likeliest first, of equally likely ones that of the smallest id.</summary>
    /// <param name="likeliest">As many as are wanted, =.</param>
    /// <param name="logits">[V], at least as many.</param>
    /// <param name="logSumExp">Of the logits.</param>
    public static void TakeLikeliest(Span<LikelyToken> likeliest, ReadOnlySpan<float> logits, float logSumExp)
    {
        var count = 0;
        for (var token = 0; token < logits.Length && !likeliest.IsEmpty; token++)
        {
            // Ids ascend, so equal ones stay behind.
            if (count == likeliest.Length && !(logits[token] > logits[likeliest[^1].Token]))
            {
                continue;
            }

            var place = count < likeliest.Length ? count++ : count - 1;
            for (; place > 0 && logits[token] > logits[likeliest[place - 1].Token]; place--)
            {
                likeliest[place] = likeliest[place - 1];
            }

            likeliest[place] = new LikelyToken(token, logits[token] - logSumExp);
        }
    }
}
