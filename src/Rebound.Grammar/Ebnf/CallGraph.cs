namespace Rebound.Grammar.Ebnf;

/// <summary>Which of some numbered things lead to which.</summary>
internal static class CallGraph
{
    /// <summary>
    /// The order in which a walk in depth leaves each: an edge goes back to what is still open where it does not descend.
    /// </summary>
    /// <param name="first">Where the walk begins.</param>
    public static int[] Left(IReadOnlyList<int>[] edges, int first)
    {
        var (left, count) = (new int[edges.Length], 0);
        var (seen, open) = (new bool[edges.Length], new Stack<(int Place, int Edge)>());
        foreach (var start in Enumerable.Range(first, edges.Length - first).Concat(Enumerable.Range(0, first)).Where(start => !seen[start]))
        {
            seen[start] = true;
            open.Push((start, 0));
            while (open.TryPop(out var top))
            {
                if (top.Edge == edges[top.Place].Count)
                {
                    left[top.Place] = count++;
                    continue;
                }

                open.Push((top.Place, top.Edge + 1));
                var next = edges[top.Place][top.Edge];
                if (!seen[next])
                {
                    seen[next] = true;
                    open.Push((next, 0));
                }
            }
        }

        return left;
    }

    /// <summary>
    /// The component of each, of those that lead to each other (Kosaraju and Sharir); what a component leads to has a greater number.
    /// </summary>
    public static int[] Components(IReadOnlyList<int>[] edges)
    {
        var back = new List<int>[edges.Length];
        for (var i = 0; i < back.Length; i++)
        {
            back[i] = [];
        }

        for (var i = 0; i < edges.Length; i++)
        {
            foreach (var target in edges[i])
            {
                back[target].Add(i);
            }
        }

        var (components, count) = (new int[edges.Length], 0);
        Array.Fill(components, -1);
        var (left, open) = (Left(edges, 0), new Stack<int>());
        foreach (var start in Enumerable.Range(0, edges.Length).OrderByDescending(place => left[place]))
        {
            if (components[start] < 0)
            {
                components[start] = count;
                open.Push(start);
                while (open.TryPop(out var place))
                {
                    foreach (var source in back[place].Where(source => components[source] < 0))
                    {
                        components[source] = count;
                        open.Push(source);
                    }
                }

                count++;
            }
        }

        return components;
    }
}
