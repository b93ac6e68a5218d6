using Rebound.Agents.Tasks;

namespace Rebound.Agents.Collection;

/// <summary>One attempt of a collection at a question.</summary>
/// <param name="Temperature">The sampling temperature of the model's turns.</param>
/// <param name="Sample">Counts the tries at one question and temperature, from 0.</param>
public sealed record Attempt(TaskQuestion Question, float Temperature, int Sample)
{
    /// <summary>A key that is unique among the collection's attempts.</summary>
    public string Key => KeyOf(Question.IdText, $"{Temperature}", Sample);

    /// <summary>
    /// Every attempt: all temperatures of a question one after the other, so that a part of a collection is whole questions.
    /// </summary>
    public static IReadOnlyList<Attempt> Plan(IReadOnlyList<TaskQuestion> questions, IReadOnlyList<float> temperatures, int samples) =>
    [
        .. from question in questions
           from temperature in temperatures
           from sample in Enumerable.Range(0, samples)
           select new Attempt(question, temperature, sample),
    ];

    internal static string KeyOf(string id, string? temperature, int sample) => $"{temperature}/{sample}/{id}";
}
