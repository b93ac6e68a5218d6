namespace Rebound.Engine;

/// <summary>
/// Neighbouring columns of a matrix, such as the queries within the fused projection of queries, keys and values:
/// element (t, n) is column <c>First + n</c> of row t. Made by <see cref="Tensor.Columns"/>.
/// </summary>
/// <param name="Matrix">[T, N] the whole matrix.</param>
/// <param name="First">The first of the columns.</param>
/// <param name="Count">How many.</param>
public readonly record struct ColumnRange(Tensor Matrix, int First, int Count);
