using Rebound.Checkpoints;
using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>
/// How far rounding takes what one model computes on the inputs of one reference, measured: runs on the CPU in which every
/// result is rounded at random (<see cref="RoundingBackend"/>), with the weights that the model's backend reads, beside a run
/// with the exact weights in which none is. Rounding errors are amplified by a model where its numbers cancel, tensor by
/// tensor, which no general bound knows. Of the reference only the inputs are read: an error that all of the runs make, be it
/// one of the weights, moves them alike and excuses nothing.
/// </summary>
internal sealed class RoundingMeasurement
{
    /// <summary>
    /// Errors within one run have common causes, so that each run is about one draw: the root of the mean square of so many
    /// is off by 15%.
    /// </summary>
    private const int Runs = 24;

    /// <summary>
    /// Of a hundred verifications with eighty comparisons, one has any that is beyond 4.6 times the root mean square of 24
    /// draws (Student's t, 24 degrees of freedom, 1% / 80). A device that rounds to the nearest stays further below: at random,
    /// errors are √2 as large.
    /// </summary>
    private const double Allowed = 4.6;

    /// <summary>The same for a mean over tensors, which varies less.</summary>
    private const double AllowedOfMean = 2;

    private readonly Dictionary<string, double> _squares = [];
    private double _gradientSquares;

    private RoundingMeasurement()
    {
    }

    /// <summary>The root mean square of the relative errors of gradients' tensors that rounding explains.</summary>
    public double AllowedOfGradients => AllowedOfMean * Math.Sqrt(_gradientSquares / Runs);

    /// <summary>Bytes of host memory that it takes: the weights, their gradients, and the results without rounding, in fp32.</summary>
    public static long BytesFor(LlamaModel model, ReferenceFile reference) =>
        sizeof(float) * (model.Weights.Table.Count + model.Trainable.Table.Count + Measured(reference).Sum(tensor => tensor.Count));

    /// <summary>The error of a tensor, relative by its norm, that rounding explains.</summary>
    public double AllowedOf(string name) => Allowed * Math.Sqrt(_squares[name] / Runs);

    /// <param name="model">The one that is verified.</param>
    /// <param name="exact">The same model with exact weights: in fp32, or itself.</param>
    /// <param name="bits">Of significands: <see cref="BitsOf"/>.</param>
    public static RoundingMeasurement Of(LlamaModel model, LlamaModel exact, ReferenceFile reference, int bits) =>
        Of([model], [exact], bits, copies => Compute(copies, reference), ModelResults.IsGradient);

    /// <param name="models">Those that are verified.</param>
    /// <param name="exact">The same models with exact weights: in fp32, or themselves.</param>
    /// <param name="bits">Of significands: <see cref="BitsOf"/>.</param>
    /// <param name="compute">Computes all results, by name, with copies of the models.</param>
    /// <param name="isGradient">Whether a name is that of a gradient's tensor.</param>
    public static RoundingMeasurement Of(
        IReadOnlyList<LlamaModel> models, IReadOnlyList<LlamaModel> exact, int bits,
        Func<RoundedCopies, IReadOnlyDictionary<string, float[]>> compute, Func<string, bool> isGradient)
    {
        var measurement = new RoundingMeasurement();
        using var backend = new RoundingBackend(new CpuBackend());
        backend.Begin(RoundingBackend.SignificandBits, seed: 0);
        var unrounded = compute(new RoundedCopies(backend, exact, parameters => parameters));
        var copies = new RoundedCopies(backend, models, parameters => new ComputedTensors(parameters));
        for (var run = 0; run < Runs; run++)
        {
            backend.Begin(bits, (ulong)run);
            measurement.Add(compute(copies), unrounded, isGradient);
        }

        return measurement;
    }

    /// <summary>
    /// The bits that results have in effect. In bf16 it is what they are stored in. fp32 rounds every addition of a product's
    /// sum of K terms, too: √K times the type's unit.
    /// </summary>
    public static int BitsOf(LlamaModel model)
    {
        if (model.Backend.ElementType == DType.BFloat16)
        {
            return 8;
        }

        var terms = Math.Max(model.Config.HiddenSize, model.Config.FeedForwardSize);
        return 24 - (int)Math.Ceiling(Math.Log2(terms) / 2);
    }

    private static IEnumerable<StoredTensor> Measured(ReferenceFile reference) =>
        reference.Expected.Where(tensor => ModelResults.IsOfModel(tensor.Name));

    /// <summary>A model's results, by the reference's names.</summary>
    private static Dictionary<string, float[]> Compute(RoundedCopies copies, ReferenceFile reference)
    {
        using var model = copies.Open(0);
        using var results = new ModelResults(model, reference);
        var found = new Dictionary<string, float[]>();
        foreach (var tensor in Measured(reference))
        {
            if (results.Find(tensor, out var values) is null)
            {
                found.Add(tensor.Name, values);
            }
        }

        return found;
    }

    private void Add(
        IReadOnlyDictionary<string, float[]> results, IReadOnlyDictionary<string, float[]> unrounded, Func<string, bool> isGradient)
    {
        var (sum, tensors) = (0.0, 0);
        foreach (var (name, expected) in unrounded)
        {
            var square = Math.Pow(NormError.Of(results[name], expected), 2);
            _squares[name] = _squares.GetValueOrDefault(name) + square;
            if (isGradient(name))
            {
                (sum, tensors) = (sum + square, tensors + 1);
            }
        }

        _gradientSquares += tensors == 0 ? 0 : sum / tensors;
    }
}
