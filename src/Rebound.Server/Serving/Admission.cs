using Rebound.Server.Http;

namespace Rebound.Server.Serving;

/// <summary>Bounds the answers that are generated or wait.</summary>
/// <param name="most">Most of them.</param>
internal sealed class Admission(int most)
{
    private readonly Lock _lock = new();
    private int _taken;

    /// <summary>Takes places for some answers, until the result is disposed of.</summary>
    /// <exception cref="ApiException">There are not as many left.</exception>
    public IDisposable Enter(int answers)
    {
        if (answers > most)
        {
            throw ApiException.Invalid("n", $"{answers} answers are asked for, and this server takes {most} at a time.");
        }

        lock (_lock)
        {
            if (_taken + answers > most)
            {
                throw ApiException.Busy($"{_taken} answers are generated or wait, and {most} may: try again later.");
            }

            _taken += answers;
        }

        return new Places(this, answers);
    }

    private sealed class Places(Admission admission, int answers) : IDisposable
    {
        private int _left = answers;

        public void Dispose()
        {
            lock (admission._lock)
            {
                admission._taken -= _left;
                _left = 0;
            }
        }
    }
}
