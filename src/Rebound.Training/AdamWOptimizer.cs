using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>
/// AdamW over the trained parameters of a model, with clipping by the global gradient norm
/// (Loshchilov and Hutter 2019, arXiv 1711.05101; Pascanu et al. 2013, arXiv 1211.5063). Ranks that divide the parameters
/// each update their own part.
/// </summary>
public sealed class AdamWOptimizer : IDisposable
{
    // What torch.nn.utils.clip_grad_norm_ adds to the norm before it divides.
    private const double ClipEpsilon = 1e-6;

    private readonly ParameterSet _weights;
    private readonly AdamWOptions _options;
    private readonly Communicator? _ranks;
    private readonly bool _isSplit;
    private readonly HostUpdate? _hostUpdate;

    /// <summary>Allocates the moments, zeroed: two numbers for every parameter of the weights' own part.</summary>
    /// <param name="weights">The trained weights, exact: <see cref="LlamaModel.Trainable"/>.</param>
    /// <param name="ranks">The ranks that have the other parts; null where nothing is divided.</param>
    /// <param name="host">Keeps the moments in host memory and updates the weights there; null for the weights' device.</param>
    public AdamWOptimizer(ParameterSet weights, AdamWOptions options, Communicator? ranks = null, CpuBackend? host = null)
    {
        _weights = weights;
        _options = options;
        _ranks = ranks;
        _isSplit = weights.Type == DType.BFloat16;
        FirstMoment = Moment();
        try
        {
            SecondMoment = Moment();
            _hostUpdate = host is null ? null : new HostUpdate(weights, host, weights.Backend.ElementType);
        }
        catch
        {
            SecondMoment?.Dispose();
            FirstMoment.Dispose();
            throw;
        }

        ParameterSet Moment() => new(
            host ?? weights.Backend, weights.Table, options.MomentType, part: weights.Part, storage: ParameterStorage.OwnPart);
    }

    /// <summary>m, after <see cref="StepCount"/> steps.</summary>
    public ParameterSet FirstMoment { get; }

    /// <summary>v, after <see cref="StepCount"/> steps.</summary>
    public ParameterSet SecondMoment { get; }

    /// <summary>Steps taken; set when an earlier run's moments are restored.</summary>
    public int StepCount { get; set; }

    /// <summary>
    /// Updates the weights' own part. Gradients, of which the own part is complete, are left as they are: clear them before the next step.
    /// </summary>
    /// <returns>The gradient norm of all parts before clipping.</returns>
    /// <exception cref="ArithmeticException">The gradient norm is not finite; nothing was changed.</exception>
    public double Step(ParameterSet gradients, float learningRate)
    {
        var norm = NormOfAll(gradients);
        if (!double.IsFinite(norm))
        {
            throw new ArithmeticException(
                $"The gradient norm of step {StepCount + 1} is {norm}: the run has diverged; lower the learning rate or clip harder.");
        }

        StepCount++;
        var scale = (float)Math.Min(1, _options.MaxGradientNorm / (norm + ClipEpsilon));
        if (_hostUpdate is not null)
        {
            _hostUpdate.Run(gradients, FirstMoment, SecondMoment, Numbers);
        }
        else
        {
            foreach (var piece in _weights.Pieces)
            {
                Update(piece, gradients.Own(piece), Numbers(piece));
            }
        }

        _weights.MarkChanged();
        return norm;

        AdamWStep Numbers(ParameterPiece piece) => new(
            learningRate, _options.Beta1, _options.Beta2, _options.Epsilon,
            _weights.Table.Parameters[piece.Parameter].Shape.Rank >= 2 ? _options.WeightDecay : 0, StepCount, scale,
            ParameterSet.DitherOf(piece.Parameter), piece.First);
    }

    private double NormOfAll(ParameterSet gradients)
    {
        if (_ranks is null)
        {
            return GradientNorm(gradients);
        }

        Tensor[] own =
        [
            .. Enumerable.Range(0, gradients.Table.BlockCount).Where(block => gradients.CountOf(block) > 0).Select(gradients.Own),
        ];
        return Math.Sqrt(_ranks.Sum(gradients.Backend.SumOfSquares(own)));
    }

    private void Update(in ParameterPiece piece, Tensor gradient, in AdamWStep step)
    {
        var (weight, first, second) = (_weights.Own(piece), FirstMoment.Own(piece), SecondMoment.Own(piece));
        if (_isSplit)
        {
            _weights.Backend.AdamWSplit(weight, _weights.LowerHalves(piece), gradient, first, second, step);
        }
        else
        {
            _weights.Backend.AdamW(weight, gradient, first, second, step);
        }
    }

    /// <summary>The Euclidean norm over all gradients together.</summary>
    public static double GradientNorm(ParameterSet gradients) => Math.Sqrt(gradients.Backend.SumOfSquares(gradients.All));

    public void Dispose()
    {
        _hostUpdate?.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
