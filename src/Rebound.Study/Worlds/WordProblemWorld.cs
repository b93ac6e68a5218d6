namespace Rebound.Study.Worlds;

/// <summary>
/// Word problems of two or more events about a count of things, half of them with a number that does not matter. No two
/// problems share both sentences and numbers, so that no question of one split is one of another in other clothes.
/// </summary>
public sealed class WordProblemWorld
{
    private const int LargestCount = 400;

    private static readonly EventKind[] Kinds = Enum.GetValues<EventKind>();

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Random _random;
    private readonly int _mostEvents;

    /// <param name="seed">The same seed gives the same problems.</param>
    /// <param name="mostEvents">Of the longest stories; the shortest have two.</param>
    public WordProblemWorld(int seed, int mostEvents) => (_random, _mostEvents) = (new Random(seed), mostEvents);

    /// <summary>Problems that are unlike all that this world has given before.</summary>
    /// <param name="split">The prefix of their ids.</param>
    public IReadOnlyList<WordProblem> Take(string split, int count)
    {
        var problems = new List<WordProblem>(count);
        while (problems.Count < count)
        {
            if (Draw($"{split}-{problems.Count}") is { } problem && _keys.Add(problem.Key))
            {
                problems.Add(problem);
            }
        }

        return problems;
    }

    /// <summary>One problem; null where its numbers do not work out.</summary>
    private WordProblem? Draw(string id)
    {
        var (name, things) = (Pick(StoryWording.Names), Pick(StoryWording.Things));
        var (start, opening) = (_random.Next(5, 60), _random.Next(StoryWording.Variants));
        var events = Enumerable.Range(0, _random.Next(2, _mostEvents + 1)).Select(_ => DrawEvent()).ToArray();
        int? count = start;
        foreach (var happens in events)
        {
            count = count is { } before ? happens.Apply(before) : null;
        }

        if (count is not { } answer || answer is < 1 or > LargestCount
            || events.Count(happens => happens.Kind is EventKind.Share or EventKind.Multiple) > 1)
        {
            return null;
        }

        List<string> sentences = [StoryWording.Start(opening, name, things, start),
            .. events.Select(happens => StoryWording.Tell(happens, name, things))];
        var happened = events.Select(happens => $"{happens.Kind}{happens.Wording}:{string.Join(',', happens.Numbers)}");
        var told = $"{opening}:{start} {string.Join(' ', happened)}";
        int? distractor = null;
        if (_random.Next(2) == 0)
        {
            var (variant, other, place) = (_random.Next(StoryWording.Variants), Pick(StoryWording.Names),
                _random.Next(1, sentences.Count + 1));
            if (other == name)
            {
                return null;
            }

            distractor = _random.Next(3, 40);
            sentences.Insert(place, StoryWording.Distract(variant, name, other, things, distractor.Value));
            told += $" distractor{variant}@{place}:{distractor}";
        }

        return new WordProblem(
            id, $"{string.Join(' ', sentences)} {StoryWording.Ask(name, things)}", start, events, distractor, answer, told);
    }

    private StoryEvent DrawEvent()
    {
        var kind = Pick(Kinds);
        var (number, each) = kind switch
        {
            EventKind.Gain or EventKind.Loss => (_random.Next(2, 40), 0),
            EventKind.Boxes => (_random.Next(2, 9), _random.Next(3, 12)),
            EventKind.Share => (_random.Next(2, 7), 0),
            _ => (_random.Next(2, 5), 0),
        };
        return new StoryEvent(kind, number, each, _random.Next(StoryWording.Variants));
    }

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];
}
