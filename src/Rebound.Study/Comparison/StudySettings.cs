using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Study.Teaching;

namespace Rebound.Study.Comparison;

/// <summary>All settings that determine the results of a comparison.</summary>
public sealed record StudySettings
{
    /// <summary>Of the world and of the teacher's mistakes.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Questions that the teacher tries, once each.</summary>
    public int Attempts { get; init; } = 1600;

    /// <summary>Successes that every student learns from: the first ones.</summary>
    public int Successes { get; init; } = 100;

    /// <summary>
    /// How many failures NUT and NAT students learn from, a sample of all; several counts show what more of them are worth.
    /// </summary>
    public IReadOnlyList<int> Failures { get; init; } = [250, 1000];

    /// <summary>Events of the longest stories; the shortest have two.</summary>
    public int MostEvents { get; init; } = 2;

    /// <summary>Questions of the split that students are examined on.</summary>
    public int ExamQuestions { get; init; } = 300;

    /// <summary>The split: <c>validation</c> while settings are looked for, <c>test</c> for the result.</summary>
    public string Split { get; init; } = "test";

    /// <summary>How many seeds there are of every student.</summary>
    public int Seeds { get; init; } = 3;

    public TeacherHabits Habits { get; init; } = new(Misconception: 0.6, WrongOperation: 0.1, Slip: 0.25, IrrelevantNumber: 0.3);

    public StudentRecipe Recipe { get; init; } = new();

    /// <summary>As the folder of a comparison keeps them, so that no two are mixed in one.</summary>
    public JsonObject Describe() => JsonSerializer.SerializeToNode(this, JsonSerializerOptions.Web)!.AsObject();
}
