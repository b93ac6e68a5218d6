using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>
/// AdamW's steps of a device's parameters by the host, which has moments and lower halves in its memory: weights and gradients are copied
/// to the host a part at a time, and the weights back; copies go on while the host computes.
/// </summary>
internal sealed class HostUpdate : IDisposable
{
    /// <summary>Parts under way: one is updated while the next is copied.</summary>
    private const int Places = 2;

    /// <summary>The most elements of a part; a multiple of the 32 that elements' numbers are multiples of.</summary>
    private const int PartElements = 4 << 20;

    private const int WeightPlace = 0;
    private const int GradientPlace = 1;

    private readonly ParameterSet _weights;
    private readonly CpuBackend _host;
    private readonly HostCopies _copies;
    private readonly Arena _memory;

    /// <param name="weights">Those that are trained.</param>
    /// <param name="host">Computes; of the caller.</param>
    /// <param name="gradientType">Of the gradients.</param>
    public HostUpdate(ParameterSet weights, CpuBackend host, DType gradientType)
    {
        (_weights, _host) = (weights, host);
        _copies = weights.Backend.OpenHostCopies(Places);
        try
        {
            _memory = _copies.Allocate(Plan(weights.Table, weights.Type, gradientType));
        }
        catch
        {
            _copies.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the host's memory that copies take; nothing is allocated.</summary>
    public static long BytesOf(ParameterTable table, DType weightType, DType gradientType) =>
        Plan(table, weightType, gradientType).TotalBytes;

    /// <summary>Updates the weights' own part.</summary>
    /// <param name="step">The numbers of the step for one of the weights' pieces.</param>
    public void Run(ParameterSet gradients, ParameterSet first, ParameterSet second, Func<ParameterPiece, AdamWStep> step)
    {
        Part[] parts = [.. _weights.Pieces.SelectMany(PartsOf)];
        _copies.Follow();
        for (var i = 0; i < Math.Min(Places, parts.Length); i++)
        {
            Fetch(parts[i], gradients, i);
        }

        for (var i = 0; i < parts.Length; i++)
        {
            var (part, place) = (parts[i], i % Places);
            var weight = Of(WeightPlace, place, part.Count);
            var lower = _weights.HasLowerHalves ? part.Of(_weights.LowerHalves(part.Piece)) : default;
            _copies.Await(place);
            _host.AdamWInHostMemory(
                weight, lower, Of(GradientPlace, place, part.Count), part.Of(first.Own(part.Piece)), part.Of(second.Own(part.Piece)),
                step(part.Piece) with { First = part.Piece.First + part.Start });
            _copies.Send(part.Of(_weights.Own(part.Piece)), weight);
            if (i + Places < parts.Length)
            {
                // Behind the copy back, which still reads the place.
                Fetch(parts[i + Places], gradients, place);
            }
        }

        _copies.Lead();
    }

    public void Dispose()
    {
        _memory.Dispose();
        _copies.Dispose();
    }

    private void Fetch(Part part, ParameterSet gradients, int place)
    {
        _copies.Fetch(Of(WeightPlace, place, part.Count), part.Of(_weights.Own(part.Piece)));
        _copies.Fetch(Of(GradientPlace, place, part.Count), part.Of(gradients.Own(part.Piece)));
        _copies.Mark(place);
    }

    private Tensor Of(int kind, int place, int count) => _memory[(kind * Places) + place].Rows(0, count);

    private static IEnumerable<Part> PartsOf(ParameterPiece piece)
    {
        for (var start = 0; start < piece.Count; start += PartElements)
        {
            yield return new Part(piece, start, Math.Min(PartElements, piece.Count - start));
        }
    }

    private static ArenaPlan Plan(ParameterTable table, DType weightType, DType gradientType)
    {
        var count = (int)Math.Min(PartElements, table.Parameters.Max(parameter => parameter.Shape.Count));
        var plan = new ArenaPlan();
        foreach (var (type, name) in new[] { (weightType, "weights"), (gradientType, "gradients") })
        {
            for (var place = 0; place < Places; place++)
            {
                plan.Add(new TensorSpec($"{name} {place}", new Shape(count), type));
            }
        }

        return plan;
    }

    /// <summary>Elements of a piece.</summary>
    private readonly record struct Part(ParameterPiece Piece, int Start, int Count)
    {
        public Tensor Of(Tensor piece) => piece.Reshape(new Shape(Piece.Count)).Rows(Start, Count);
    }
}
