namespace Rebound.Engine.Collectives.Network;

/// <summary>Whether ranks are of one run: the same in all that has to be the same, and each with a device of its own.</summary>
internal static class RankAgreement
{
    /// <summary>Names that a sentence lists before it counts the rest.</summary>
    private const int MostNamed = 3;

    /// <summary>The first thing that does not go together, as a sentence; null where all does.</summary>
    /// <param name="hellos">By rank.</param>
    public static string? Disagreement(IReadOnlyList<RankHello> hellos) =>
        Problem(hellos) ?? SharedDevice(hellos) ?? DifferentFacts(hellos);

    /// <summary>Why the first rank cannot begin that cannot; null where all can. The words of rank 0 stand as they are.</summary>
    public static string? Problem(IEnumerable<RankHello?> hellos) =>
        hellos.OfType<RankHello>().FirstOrDefault(hello => hello.Problem.Length > 0) is { } first
            ? first.Rank == 0 ? first.Problem : $"Rank {first.Rank}: {first.Problem}"
            : null;

    private static string? SharedDevice(IReadOnlyList<RankHello> hellos)
    {
        var shared = hellos.Where(hello => hello.ComputeDevice.Length > 0)
            .GroupBy(hello => (hello.Host, hello.ComputeDevice)).FirstOrDefault(group => group.Count() > 1);
        return shared is null
            ? null
            : $"{Ranks(shared)} would all compute on {shared.Key.ComputeDevice} of the host {shared.Key.Host.Split(' ')[0]}: start one "
                + "rank a device, or let each see a device of its own (CUDA_VISIBLE_DEVICES).";
    }

    private static string? DifferentFacts(IReadOnlyList<RankHello> hellos)
    {
        var names = hellos.SelectMany(hello => hello.Facts.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var different = names.Where(name => hellos.Select(hello => hello.Facts.GetValueOrDefault(name)).Distinct().Skip(1).Any())
            .ToArray();
        if (different.Length == 0)
        {
            return null;
        }

        var more = different.Length > MostNamed ? $", and {different.Length - MostNamed} more" : "";
        var listed = string.Join("; ", different.Take(MostNamed).Select(name => $"{name} is {Values(hellos, name)}"));
        return $"The ranks do not agree: {listed}{more}. Start every rank with the same program, options and files.";
    }

    /// <summary>For example <c>1e-5 on ranks 0 and 1, but 2e-5 on rank 2</c>.</summary>
    private static string Values(IReadOnlyList<RankHello> hellos, string name) => string.Join(", but ", hellos
        .GroupBy(hello => hello.Facts.GetValueOrDefault(name))
        .Select(group => $"{group.Key ?? "not there"} on {Ranks(group, isStart: false)}"));

    private static string Ranks(IEnumerable<RankHello> hellos, bool isStart = true) =>
        RankNumbers.Text(hellos.Select(hello => hello.Rank), isStart);
}
