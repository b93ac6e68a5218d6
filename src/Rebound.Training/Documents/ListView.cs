using System.Collections;

namespace Rebound.Training.Documents;

/// <summary>A list whose elements are made whenever they are asked for, and are not kept.</summary>
internal sealed class ListView<T>(int count, Func<int, T> at) : IReadOnlyList<T>
{
    public int Count => count;

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count);
            return at(index);
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var index = 0; index < count; index++)
        {
            yield return at(index);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
