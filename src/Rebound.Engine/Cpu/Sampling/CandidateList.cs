using System.Numerics.Tensors;

namespace Rebound.Engine.Cpu;

/// <summary>The tokens that are still in question, with their probabilities; filters narrow it down.</summary>
internal sealed class CandidateList
{
    private readonly int[] _tokens;
    private readonly double[] _weights;
    private readonly PriorityQueue<int, float> _largest = new();
    private int _count;
    private double _total;

    public CandidateList(int vocabulary)
    {
        _tokens = new int[vocabulary];
        _weights = new double[vocabulary];
    }

    /// <summary>Starts with all tokens, or with the <paramref name="topK"/> of the largest scores and those that equal the last.</summary>
    /// <param name="scores">[V]; weights become exp(score − largest score).</param>
    public void Take(ReadOnlySpan<float> scores, int topK)
    {
        var threshold = topK > 0 && topK < scores.Length ? KthLargest(scores, topK) : float.NegativeInfinity;
        var largest = TensorPrimitives.Max(scores);
        _count = 0;
        for (var token = 0; token < scores.Length; token++)
        {
            if (scores[token] >= threshold)
            {
                _tokens[_count] = token;
                _weights[_count++] = Math.Exp((double)scores[token] - largest);
            }
        }

        Total();
    }

    /// <summary>
    /// Removes the least likely tokens while the probabilities of what is removed sum up to at most 1 − p; the
    /// likeliest always stays. Of equally likely ones those with smaller ids go first, as a stable sort has it.
    /// </summary>
    public void KeepTopP(double p)
    {
        var removable = (1 - p) * _total;

        // All tokens below an equal share of what may go sum up to less than that, so they go without being sorted.
        var removed = RemoveBelow(Math.Min(removable / _count, LargestWeight()));
        Array.Sort(_weights, _tokens, 0, _count);
        var first = 0;
        while (first < _count - 1 && removed + _weights[first] <= removable)
        {
            removed += _weights[first++];
        }

        OrderTies(first);
        _count -= first;
        Array.Copy(_tokens, first, _tokens, 0, _count);
        Array.Copy(_weights, first, _weights, 0, _count);
        Array.Sort(_tokens, _weights, 0, _count);
        Total();
    }

    /// <summary>Puts the ids of those that are as likely as the candidate at an index of the sorted list in order.</summary>
    private void OrderTies(int index)
    {
        var weight = _weights[index];
        var (start, end) = (index, index + 1);
        while (start > 0 && _weights[start - 1] == weight)
        {
            start--;
        }

        while (end < _count && _weights[end] == weight)
        {
            end++;
        }

        Array.Sort(_tokens, start, end - start);
    }

    /// <summary>Removes tokens less likely than <paramref name="p"/> times the likeliest.</summary>
    public void KeepMinP(double p)
    {
        RemoveBelow(p * LargestWeight());
        Total();
    }

    /// <summary>The token at which the sum of probabilities, by ascending id, passes <paramref name="uniform"/>.</summary>
    public int Choose(double uniform)
    {
        var remaining = uniform * _total;
        var last = _tokens[0];
        for (var i = 0; i < _count; i++)
        {
            if (_weights[i] > 0)
            {
                last = _tokens[i];
                remaining -= _weights[i];
                if (remaining < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    /// <summary><c>probabilities[token] += probability</c> for every candidate.</summary>
    public void AddTo(Span<double> probabilities)
    {
        for (var i = 0; i < _count; i++)
        {
            probabilities[_tokens[i]] += _weights[i] / _total;
        }
    }

    private float KthLargest(ReadOnlySpan<float> scores, int k)
    {
        _largest.Clear();
        foreach (var score in scores)
        {
            if (_largest.Count < k)
            {
                _largest.Enqueue(0, score);
            }
            else if (_largest.TryPeek(out _, out var smallest) && score > smallest)
            {
                _largest.DequeueEnqueue(0, score);
            }
        }

        _largest.TryPeek(out _, out var threshold);
        return threshold;
    }

    /// <summary>Keeps the order, and returns the weight that was removed.</summary>
    private double RemoveBelow(double threshold)
    {
        var (kept, removed) = (0, 0.0);
        for (var i = 0; i < _count; i++)
        {
            if (_weights[i] < threshold)
            {
                removed += _weights[i];
                continue;
            }

            (_tokens[kept], _weights[kept]) = (_tokens[i], _weights[i]);
            kept++;
        }

        _count = kept;
        return removed;
    }

    private double LargestWeight() => TensorPrimitives.Max<double>(_weights.AsSpan(0, _count));

    private void Total() => _total = TensorPrimitives.Sum<double>(_weights.AsSpan(0, _count));
}
