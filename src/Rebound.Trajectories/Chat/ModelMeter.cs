namespace Rebound.Trajectories.Chat;

/// <summary>Counters of models' work; thread-safe.</summary>
public sealed class ModelMeter
{
    private long _inputTokens;
    private long _outputTokens;
    private int _turns;
    private int _underWay;
    private int _retries;
    private string? _lastFailure;
    private Func<long>? _reused;

    /// <summary>Tokens that were read, those of answers under way included where they are known.</summary>
    public long InputTokens => Interlocked.Read(ref _inputTokens);

    /// <summary>Tokens that were written, those of answers under way included where they are known.</summary>
    public long OutputTokens => Interlocked.Read(ref _outputTokens);

    /// <summary>
    /// Tokens whose keys and values were there already when they were to be read; 0 where that is not known.
    /// </summary>
    public long ReusedTokens => Volatile.Read(ref _reused)?.Invoke() ?? 0;

    /// <summary>Answers that are whole.</summary>
    public int Turns => Volatile.Read(ref _turns);

    /// <summary>Answers that are waited for.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Requests that failed and are made again.</summary>
    public int Retries => Volatile.Read(ref _retries);

    /// <summary>Why the last of these failed; null where none did.</summary>
    public string? LastFailure => Volatile.Read(ref _lastFailure);

    public void Begin() => Interlocked.Increment(ref _underWay);

    public void End(bool isWhole)
    {
        Interlocked.Decrement(ref _underWay);
        if (isWhole)
        {
            Interlocked.Increment(ref _turns);
        }
    }

    public void Count(long inputTokens, long outputTokens)
    {
        Interlocked.Add(ref _inputTokens, inputTokens);
        Interlocked.Add(ref _outputTokens, outputTokens);
    }

    /// <summary>Takes <see cref="ReusedTokens"/> from a counter.</summary>
    public void ReadReused(Func<long> counter) => Volatile.Write(ref _reused, counter);

    public void Retry(string failure)
    {
        Volatile.Write(ref _lastFailure, failure);
        Interlocked.Increment(ref _retries);
    }
}
