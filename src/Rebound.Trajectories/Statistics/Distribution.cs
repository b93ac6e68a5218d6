namespace Rebound.Trajectories.Statistics;

/// <summary>Counts of something, one for each trajectory.</summary>
public sealed class Distribution
{
    private readonly List<int> _values = [];
    private bool _sorted = true;

    public int Count => _values.Count;

    public long Sum { get; private set; }

    /// <summary>0 where there are no values.</summary>
    public double Mean => Count == 0 ? 0 : (double)Sum / Count;

    public void Add(int value)
    {
        _values.Add(value);
        Sum += value;
        _sorted = false;
    }

    /// <summary>The least value that this share of all values does not exceed; 0 where there are none.</summary>
    /// <param name="share">0 for the least of all, 1 for the greatest.</param>
    public int Percentile(double share)
    {
        if (!_sorted)
        {
            _values.Sort();
            _sorted = true;
        }

        return Count == 0 ? 0 : _values[Math.Clamp((int)Math.Ceiling(share * Count) - 1, 0, Count - 1)];
    }
}
