using System.Text.Json.Nodes;
using Rebound.Agents.Scoring;

namespace Rebound.Agents.Tasks;

/// <summary>An example answer with its right verdict, by which a task's judge is tested.</summary>
/// <param name="Answer">The right answer.</param>
/// <param name="Given">An agent's final answer.</param>
public sealed record TaskExample(string Question, JsonNode? Answer, string Given, bool IsRight)
{
    /// <summary>The first example that the judge gets wrong, in words; null where it judges all of them right.</summary>
    /// <exception cref="JudgeException">The judge cannot say anything.</exception>
    public static async Task<string?> ProblemAsync(
        IJudge judge, IReadOnlyList<TaskExample> examples, CancellationToken cancellation = default)
    {
        foreach (var (number, example) in examples.Index())
        {
            var question = new TaskQuestion(number, example.Question, example.Answer);
            var score = await judge.JudgeAsync(new JudgedEpisode(question, example.Given, [], []), cancellation);
            if (score.Reward != example.IsRight)
            {
                return $"the scorer finds '{example.Given}' {Verdict(score.Reward)} where the answer is "
                    + $"{example.Answer?.ToJsonString() ?? "null"}, and example {number + 1} says that it is {Verdict(example.IsRight)}; "
                    + "choose another scorer, or mend the example.";
            }
        }

        return null;
    }

    private static string Verdict(bool isRight) => isRight ? "right" : "wrong";
}
