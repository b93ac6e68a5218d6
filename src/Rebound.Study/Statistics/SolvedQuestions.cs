namespace Rebound.Study.Statistics;

/// <summary>Which questions each of several methods solves: means hide where methods solve other ones.</summary>
/// <param name="Solved">The questions that the method solves in more than half of its runs.</param>
/// <param name="Alone">Those of them that no other method solves.</param>
public sealed record SolvedQuestions(IReadOnlySet<int> Solved, IReadOnlySet<int> Alone)
{
    /// <param name="methods">[methods][runs][questions] 1 where a run answered right.</param>
    /// <returns>[methods].</returns>
    public static IReadOnlyList<SolvedQuestions> Of(IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> methods)
    {
        var solved = methods.Select(runs => Enumerable.Range(0, runs[0].Count)
            .Where(question => runs.Sum(run => run[question]) * 2 > runs.Count).ToHashSet()).ToArray();
        return
        [
            .. solved.Select((own, method) => new SolvedQuestions(
                own, own.Where(question => !solved.Where((_, other) => other != method).Any(set => set.Contains(question))).ToHashSet())),
        ];
    }

    /// <summary>The share of the questions that either method solves which both do; 1 where neither solves any.</summary>
    public double Overlap(SolvedQuestions other)
    {
        var both = Solved.Count(other.Solved.Contains);
        var either = Solved.Count + other.Solved.Count - both;
        return either == 0 ? 1 : (double)both / either;
    }
}
