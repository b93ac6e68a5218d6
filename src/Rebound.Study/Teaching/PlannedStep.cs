namespace Rebound.Study.Teaching;

/// <summary>A calculation that an episode is going to make.</summary>
/// <param name="Operator">One of <c>+ - * /</c>.</param>
internal sealed record PlannedStep(string Thought, Operand Left, char Operator, Operand Right);
