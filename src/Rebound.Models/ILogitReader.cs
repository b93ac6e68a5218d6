namespace Rebound.Models;

/// <summary>Reads logits of a batch on the host, a few rows at a time, so that they never lie in memory together.</summary>
public interface ILogitReader
{
    /// <summary>Rows to be read.</summary>
    int Rows { get; }

    /// <summary>[rows at a time, V], at least one row: where logits are put before they are read.</summary>
    Span<float> Logits { get; }

    /// <summary>Reads rows that lie in <see cref="Logits"/>; they come in their order.</summary>
    /// <param name="first">The first one's number.</param>
    /// <param name="count">How many there are.</param>
    void Read(int first, int count);
}
