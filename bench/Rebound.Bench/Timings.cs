using System.Text.Json.Nodes;

namespace Rebound.Bench;

/// <summary>Seconds that one side took for the same work, again and again.</summary>
internal sealed class Timings(string name)
{
    private readonly List<double> _seconds = [];

    public string Name { get; private set; } = name;

    public bool Any => _seconds.Count > 0;

    public double Best => _seconds.Min();

    public double Median => _seconds.Order().ElementAt(_seconds.Count / 2);

    public void Add(IEnumerable<double> seconds) => _seconds.AddRange(seconds);

    /// <summary>Adds what a peer prints: its full name and the seconds of its runs.</summary>
    public void Add(JsonNode peer)
    {
        Name = (string)peer["peer"]!;
        Add(peer["seconds"]!.AsArray().Select(seconds => (double)seconds!));
    }

    /// <summary>A line with the rates of this side, and how many times as fast another one is.</summary>
    /// <param name="tokens">Of a run.</param>
    public string Rates(int tokens, Timings? faster = null) =>
        $"  {Name,-52} best {tokens / Best,7:0.0} tokens/s ({Best:0.000} s)  median {tokens / Median,7:0.0} ({Median:0.000} s)"
        + (faster is null
            ? ""
            : $"  {faster.Name} is {Best / faster.Best:0.00} times as fast (best), {Median / faster.Median:0.00} (median)");
}
