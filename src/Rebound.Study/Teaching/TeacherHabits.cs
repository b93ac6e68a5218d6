using Rebound.Study.Worlds;

namespace Rebound.Study.Teaching;

/// <summary>The teacher's rates of mistakes. It errs at most once in an episode: its failures are near misses.</summary>
/// <param name="Misconception">
/// The chance of the wrong operation at what it has misunderstood: shares and multiples.
/// </param>
/// <param name="WrongOperation">The chance of the wrong operation at all else.</param>
/// <param name="Slip">The chance of a lapse at an event whose operation is right: any other mistake, one as likely as another.</param>
/// <param name="IrrelevantNumber">The chance that a story's irrelevant number is taken for that of one of its events.</param>
public sealed record TeacherHabits(double Misconception, double WrongOperation, double Slip, double IrrelevantNumber)
{
    internal double WrongOperationAt(EventKind kind) => kind is EventKind.Share or EventKind.Multiple ? Misconception : WrongOperation;
}
