using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Study.Worlds;

namespace Rebound.Study.Teaching;

/// <summary>
/// An agent that solves word problems with human mistakes. Its plan follows from the problem and a seed; its observations come from its
/// tools.
/// </summary>
public sealed class ErringTeacher(TeacherHabits habits)
{
    /// <summary>The teacher at work on a problem.</summary>
    public IChatClient Try(WordProblem problem, long seed) => new ScriptedModel(Plan(problem, seed).Say);

    /// <summary>The mistakes that it makes at a problem; none where it gets it right.</summary>
    public IReadOnlyList<Mistake> MistakesAt(WordProblem problem, long seed) => Plan(problem, seed).Mistakes;

    private EpisodePlan Plan(WordProblem problem, long seed) =>
        new PlanDraft(habits, problem, new Random(unchecked((int)(seed ^ (seed >> 32))))).Draw();
}
