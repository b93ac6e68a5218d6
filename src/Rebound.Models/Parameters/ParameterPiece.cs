namespace Rebound.Models.Parameters;

/// <summary>Elements of one of <see cref="ParameterTable.Parameters"/> that lie in a part.</summary>
/// <param name="Parameter">Its index.</param>
/// <param name="First">Index of the first element in it.</param>
public readonly record struct ParameterPiece(int Parameter, long First, int Count);
