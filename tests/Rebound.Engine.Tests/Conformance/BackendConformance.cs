using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

/// <summary>
/// What every backend has to do, operation by operation, against the fp64 reference. A backend's suite derives from
/// this and says how to make one.
/// </summary>
public abstract partial class BackendConformance : IDisposable
{
    private readonly Backend _backend;
    private readonly bool _shared;
    private readonly GuardedMemory _memory;
    private readonly List<PreparedBatch> _prepared = [];

    /// <param name="element">The type of activations, weights and gradients.</param>
    /// <param name="shared">Other tests use the backend too, so that it is not disposed of.</param>
    protected BackendConformance(Func<Backend> create, DType element = DType.Float32, bool shared = false)
    {
        _backend = create();
        _shared = shared;
        _memory = new GuardedMemory(_backend, element);
    }

    /// <summary>Row widths around those of vectors.</summary>
    public static TheoryData<int, int> RowsAndWidths =>
        [.. from rows in new[] { 1, 3, 70 } from width in new[] { 1, 3, 4, 7, 8, 15, 16, 17, 33, 576 } select (rows, width)];

    public static TheoryData<int[], AttentionShape> AttentionCases
    {
        get
        {
            var cases = new TheoryData<int[], AttentionShape>();
            foreach (var lengths in new int[][] { [1], [17, 1, 33, 5], [64, 65], [150] })
            {
                cases.Add(lengths, new AttentionShape(2, 2, 16, 0.25f));
                cases.Add(lengths, new AttentionShape(6, 2, 24, 0.2f));
                cases.Add(lengths, new AttentionShape(3, 1, 64, 0.125f));
                cases.Add(lengths, new AttentionShape(4, 2, 80, 0.11f));
                cases.Add(lengths, new AttentionShape(2, 2, 96, 0.1f, Window: 33));
                cases.Add(lengths, new AttentionShape(4, 2, 128, 0.09f));
                cases.Add(lengths, new AttentionShape(3, 3, 6, 0.4f, Window: 1));
                cases.Add(lengths, new AttentionShape(4, 1, 64, 0.125f, Window: 20));
                cases.Add(lengths, new AttentionShape(2, 1, 18, 0.25f, Window: 70));
            }

            return cases;
        }
    }

    public void Dispose()
    {
        _memory.AssertCanaries();
        _memory.Dispose();
        _prepared.ForEach(batch => batch.Dispose());
        if (!_shared)
        {
            _backend.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Normally distributed values that the element type holds exactly.</summary>
    private double[] Normal(int count, int seed, double deviation = 1, double mean = 0) =>
        Precision.Round(Numbers.Normal(count, seed, deviation, mean), _memory.Element);

    /// <summary>A batch that the backend has prepared, disposed of with the test.</summary>
    private PreparedBatch On(PackedBatch batch, PageTable? pages = null) => On(batch, batch.SupervisedRows, pages);

    private PreparedBatch On(PackedBatch batch, ReadOnlySpan<int> rows, PageTable? pages = null)
    {
        var prepared = _backend.Prepare(batch, rows, pages);
        _prepared.Add(prepared);
        return prepared;
    }

    private void AssertClose(double[] expected, Tensor actual, int length, string name) =>
        Close.Assert(expected, _memory.Read(actual), length, name, actual.DType);

    /// <summary>A wrong tensor is refused by operation and name, before any work.</summary>
    private static void AssertRefused(string operation, string tensor, Action call)
    {
        var exception = Assert.Throws<ShapeException>(call);
        Assert.Equal((operation, tensor), (exception.Operation, exception.Tensor));
    }
}
