namespace Rebound.Engine.Collectives.Network;

/// <summary>Ranks in sentences.</summary>
internal static class RankNumbers
{
    /// <summary>For example <c>rank 3</c>, <c>ranks 0 and 1</c> or <c>ranks 0 to 5, 7 and 9</c>.</summary>
    /// <param name="isStart">Whether the sentence begins with it.</param>
    public static string Text(IEnumerable<int> ranks, bool isStart = false)
    {
        var ordered = ranks.Order().ToArray();
        var parts = new List<string>();
        for (var i = 0; i < ordered.Length;)
        {
            var last = i;
            while (last + 1 < ordered.Length && ordered[last + 1] == ordered[last] + 1)
            {
                last++;
            }

            if (last - i >= 2)
            {
                parts.Add($"{ordered[i]} to {ordered[last]}");
                i = last + 1;
            }
            else
            {
                parts.Add($"{ordered[i]}");
                i++;
            }
        }

        var word = (isStart ? "Rank" : "rank") + (ordered.Length == 1 ? "" : "s");
        return parts.Count == 1 ? $"{word} {parts[0]}" : $"{word} {string.Join(", ", parts[..^1])} and {parts[^1]}";
    }
}
