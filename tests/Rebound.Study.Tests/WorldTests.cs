using System.Globalization;
using System.Text.RegularExpressions;
using Rebound.Study.Worlds;

namespace Rebound.Study.Tests;

public sealed partial class WorldTests
{
    [Fact]
    public void No_question_has_the_sentences_and_numbers_of_another()
    {
        var world = new WordProblemWorld(seed: 3, mostEvents: 3);

        var problems = world.Take("train", 1500).Concat(world.Take("test", 500)).ToArray();

        Assert.Equal(problems.Length, problems.DistinctBy(problem => problem.Key).Count());
        Assert.Equal(problems.Length, problems.DistinctBy(problem => problem.Id).Count());
        // Names and things do not tell questions apart, so neither may their texts without them.
        Assert.Equal(problems.Length, problems.DistinctBy(problem => Anonymous(problem.Text)).Count());
    }

    [Fact]
    public void The_same_seed_gives_the_same_questions_and_another_others()
    {
        Assert.Equal(Texts(5), Texts(5));
        Assert.NotEqual(Texts(5), Texts(6));

        static IEnumerable<string> Texts(int seed) =>
            new WordProblemWorld(seed, mostEvents: 2).Take("train", 20).Select(problem => problem.Text);
    }

    [Fact]
    public void A_story_tells_every_number_of_its_events_and_no_other_but_the_irrelevant_one()
    {
        foreach (var problem in new WordProblemWorld(seed: 9, mostEvents: 3).Take("train", 300))
        {
            var told = Numbers().Matches(problem.Text).Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture));
            int[] distractor = problem.Distractor is { } number ? [number] : [];

            Assert.Equal([problem.Start, .. problem.Events.SelectMany(happens => happens.Numbers), .. distractor], Sorted(told));

            IEnumerable<int> Sorted(IEnumerable<int> numbers)
            {
                // The irrelevant sentence stands anywhere; the others are in order.
                var list = numbers.ToList();
                if (problem.Distractor is { } extra)
                {
                    var expected = problem.Events.SelectMany(happens => happens.Numbers).Prepend(problem.Start).ToList();
                    var place = Enumerable.Range(0, list.Count).First(index =>
                        list[index] == extra && list.Where((_, i) => i != index).SequenceEqual(expected));
                    list.RemoveAt(place);
                    list.Add(extra);
                }

                return list;
            }
        }
    }

    [Fact]
    public void Answers_are_what_the_events_come_to()
    {
        foreach (var problem in new WordProblemWorld(seed: 4, mostEvents: 3).Take("train", 300))
        {
            var count = problem.Start;
            foreach (var happens in problem.Events)
            {
                count = happens.Kind switch
                {
                    EventKind.Gain => count + happens.Number,
                    EventKind.Loss => count - happens.Number,
                    EventKind.Boxes => count + (happens.Number * happens.Each),
                    EventKind.Share => Math.DivRem(count, happens.Number) is (var share, 0)
                        ? share
                        : throw new InvalidOperationException("a share is no whole number"),
                    _ => count * happens.Number,
                };
                Assert.True(count > 0);
            }

            Assert.Equal(problem.Answer, count);
            Assert.InRange(problem.Events.Count, 2, 3);
        }
    }

    private static string Anonymous(string text) => Words().Replace(text, "");

    [GeneratedRegex(@"\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbers();

    [GeneratedRegex("Mia|Tom|Ana|Ben|Eva|Leo|Zoe|Max|Ida|Sam|shells|stamps|marbles|apples|coins|cards|pens|stickers", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}
