using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// Matrix products through cuBLASLt. The first time that a product of any size is asked for its algorithm is looked up
/// or, unless runs have to be repeatable, measured among those that the library suggests.
/// </summary>
internal sealed class MatrixProducts : IDisposable
{
    /// <summary>Room for split inner dimensions; what the library's documentation advises for Hopper, twice.</summary>
    public const long WorkspaceBytes = 64L << 20;

    /// <summary>The library knows no more for a product.</summary>
    private const int Candidates = 8;

    /// <summary>
    /// Runs of a candidate that are timed together, after one that loads its kernel: at least two, and of small products as many
    /// as do <see cref="TimedFlops"/>, because a clock has its resolution. Longer runs choose no better (docs/cuda.md).
    /// </summary>
    private const int LeastRuns = 2;
    private const int MostRuns = 16;
    private const double TimedFlops = 1e12;

    /// <summary>Smaller products are over before a choice could matter.</summary>
    private const double WorthMeasuring = 1e9;

    /// <summary>All reduction schemes but the one that adds in place, in no fixed order.</summary>
    private const uint OrderedReductions = 6;

    private readonly DriverApi.StreamHandle _stream;
    private readonly bool _deterministic;
    private readonly TunedAlgorithms _tuned;
    private readonly CublasLtApi.LibraryHandle _library = CublasLtApi.Create();
    private readonly DriverApi.EventHandle _start = DriverApi.CreateEvent(timed: true);
    private readonly DriverApi.EventHandle _end = DriverApi.CreateEvent(timed: true);
    private readonly DeviceBuffer _workspace;
    private readonly Dictionary<MatrixProduct, ProductPlan> _plans = [];

    public MatrixProducts(DriverApi.StreamHandle stream, bool deterministic, TunedAlgorithms tuned)
    {
        _stream = stream;
        _deterministic = deterministic;
        _tuned = tuned;
        _workspace = new DeviceBuffer(stream);
        _workspace.Reserve(WorkspaceBytes);
    }

    /// <summary>Products whose algorithms were measured because no file held them.</summary>
    public int Measured { get; private set; }

    /// <summary>Enqueues a product.</summary>
    /// <param name="c">The matrix that a product that accumulates is added to: <paramref name="d"/>, or another matrix like it.</param>
    /// <param name="bias">[M], or 0 where the product has none.</param>
    public void Multiply(in MatrixProduct product, nint a, nint b, nint c, nint d, nint bias)
    {
        if (product.M == 0 || product.N == 0)
        {
            return;
        }

        if (!_plans.TryGetValue(product, out var plan))
        {
            plan = new ProductPlan(product);
            if (product.Bias)
            {
                // The suggestions depend on the bias's presence.
                CublasLtApi.Set(plan.Description, ProductAttribute.BiasPointer, bias);
            }

            plan.Algorithm = Choose(product, plan, a, b);
            _plans.Add(product, plan);
        }

        if (product.Bias)
        {
            CublasLtApi.Set(plan.Description, ProductAttribute.BiasPointer, bias);
        }

        Run(product, plan, plan.Algorithm, a, b, c, d);
    }

    public void Dispose()
    {
        foreach (var plan in _plans.Values)
        {
            plan.Dispose();
        }

        _workspace.Dispose();
        _start.Dispose();
        _end.Dispose();
        _library.Dispose();
    }

    private void Run(in MatrixProduct product, ProductPlan plan, in ProductAlgorithm algorithm, nint a, nint b, nint c, nint d) =>
        CublasLtApi.Multiply(
            _library, plan.Description, 1, a, plan.A, b, plan.B, product.Accumulate ? 1 : 0, c, plan.D, d, plan.D,
            algorithm, _workspace.Reserve(WorkspaceBytes), WorkspaceBytes, _stream);

    private ProductAlgorithm Choose(in MatrixProduct product, ProductPlan plan, nint a, nint b)
    {
        var measure = !_deterministic && product.Flops >= WorthMeasuring;
        var kind = product.OfClass();
        if (measure && _tuned.TryGet(kind, out var known)
            && CublasLtApi.Supports(_library, plan.Description, plan.A, plan.B, plan.D, plan.D, known, WorkspaceBytes))
        {
            return known;
        }

        var suggestions = Suggest(product, plan, measure ? Candidates : 1);
        if (suggestions.Length == 0)
        {
            throw new NotSupportedException($"cuBLASLt has no algorithm for {product}.");
        }

        if (!measure || suggestions.Length == 1)
        {
            return suggestions[0].Algorithm;
        }

        // A product that is added to must not be run twice on its own output.
        var bytes = product.LeadingD * product.N * product.Output.SizeInBytes();
        var output = DriverApi.TryAllocate(bytes);
        if (output == 0)
        {
            return suggestions[0].Algorithm;
        }

        try
        {
            DriverApi.SetBytes(output, 0, bytes, _stream);
            var fastest = Fastest(product, plan, suggestions, a, b, output);
            _tuned.Keep(kind, fastest);
            Measured++;
            return fastest;
        }
        finally
        {
            DriverApi.Synchronize(_stream);
            DriverApi.Free(output);
        }
    }

    private ProductAlgorithm Fastest(
        MatrixProduct product, ProductPlan plan, HeuristicResult[] suggestions, nint a, nint b, nint output)
    {
        var runs = (int)Math.Clamp(TimedFlops / product.Flops, LeastRuns, MostRuns);
        return suggestions.Select(suggestion => suggestion.Algorithm).MinBy(algorithm =>
        {
            Run(product, plan, algorithm, a, b, output, output);
            DriverApi.Record(_start, _stream);
            for (var run = 0; run < runs; run++)
            {
                Run(product, plan, algorithm, a, b, output, output);
            }

            DriverApi.Record(_end, _stream);
            DriverApi.Synchronize(_end);
            return DriverApi.ElapsedMilliseconds(_start, _end);
        });
    }

    private HeuristicResult[] Suggest(in MatrixProduct product, ProductPlan plan, int most)
    {
        using var preference = CublasLtApi.CreatePreference();
        CublasLtApi.Set(preference, PreferenceAttribute.MaxWorkspaceBytes, (ulong)WorkspaceBytes);
        CublasLtApi.Set(preference, PreferenceAttribute.MinAlignmentA, (uint)product.AlignmentA);
        CublasLtApi.Set(preference, PreferenceAttribute.MinAlignmentB, (uint)product.AlignmentB);
        CublasLtApi.Set(preference, PreferenceAttribute.MinAlignmentC, (uint)product.AlignmentD);
        CublasLtApi.Set(preference, PreferenceAttribute.MinAlignmentD, (uint)product.AlignmentD);
        if (_deterministic)
        {
            CublasLtApi.Set(preference, PreferenceAttribute.ReductionSchemeMask, OrderedReductions);
        }

        return CublasLtApi.Suggest(_library, plan.Description, plan.A, plan.B, plan.D, plan.D, preference, most);
    }
}
