namespace Rebound.Grammar.Tests;

/// <summary>Whether plain rules derive a text (Earley, CACM 13, 1970, repeated until nothing is added, so that empty rules need no care).</summary>
internal static class EarleyRecognizer
{
    /// <param name="rules">By name the alternatives; what has no rule is a character.</param>
    public static bool Derives(Dictionary<string, List<string[]>> rules, IReadOnlyList<string> text)
    {
        var sets = Enumerable.Range(0, text.Count + 1).Select(_ => new HashSet<(string Name, string[] Body, int Dot, int From)>()).ToArray();
        sets[0].UnionWith(rules["root"].Select(body => ("root", body, 0, 0)));
        for (var at = 0; at < sets.Length; at++)
        {
            for (var before = -1; before != sets[at].Count;)
            {
                before = sets[at].Count;
                foreach (var item in sets[at].ToList())
                {
                    if (item.Dot == item.Body.Length)
                    {
                        sets[at].UnionWith([.. sets[item.From].Where(caller => caller.Dot < caller.Body.Length && caller.Body[caller.Dot] == item.Name)
                            .Select(caller => caller with { Dot = caller.Dot + 1 })]);
                    }
                    else if (rules.TryGetValue(item.Body[item.Dot], out var bodies))
                    {
                        sets[at].UnionWith(bodies.Select(body => (item.Body[item.Dot], body, 0, at)));
                    }
                    else if (at < text.Count && text[at] == item.Body[item.Dot])
                    {
                        sets[at + 1].Add(item with { Dot = item.Dot + 1 });
                    }
                }
            }
        }

        return sets[^1].Any(item => item is { Name: "root", From: 0 } && item.Dot == item.Body.Length);
    }
}
