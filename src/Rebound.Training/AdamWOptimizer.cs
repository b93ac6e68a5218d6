using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>
/// AdamW over the trained parameters of a model, with clipping by the global gradient norm
/// (Loshchilov and Hutter 2019, arXiv 1711.05101; Pascanu et al. 2013, arXiv 1211.5063).
/// </summary>
public sealed class AdamWOptimizer : IDisposable
{
    // What torch.nn.utils.clip_grad_norm_ adds to the norm before it divides.
    private const double ClipEpsilon = 1e-6;

    private readonly ParameterSet _weights;
    private readonly AdamWOptions _options;
    private readonly bool _isSplit;

    /// <summary>Allocates the moments, zeroed: two numbers for every parameter.</summary>
    /// <param name="weights">The trained weights, exact: <see cref="LlamaModel.Trainable"/>.</param>
    public AdamWOptimizer(ParameterSet weights, AdamWOptions options)
    {
        _weights = weights;
        _options = options;
        _isSplit = weights.Type == DType.BFloat16;
        FirstMoment = new ParameterSet(weights.Backend, weights.Table, options.MomentType);
        SecondMoment = new ParameterSet(weights.Backend, weights.Table, options.MomentType);
    }

    /// <summary>m, after <see cref="StepCount"/> steps.</summary>
    public ParameterSet FirstMoment { get; }

    /// <summary>v, after <see cref="StepCount"/> steps.</summary>
    public ParameterSet SecondMoment { get; }

    /// <summary>Steps taken; set when an earlier run's moments are restored.</summary>
    public int StepCount { get; set; }

    /// <summary>Updates the weights. Gradients are left as they are: clear them before the next step.</summary>
    /// <returns>The gradient norm before clipping.</returns>
    /// <exception cref="ArithmeticException">The gradient norm is not finite; nothing was changed.</exception>
    public double Step(ParameterSet gradients, float learningRate)
    {
        var norm = GradientNorm(gradients);
        if (!double.IsFinite(norm))
        {
            throw new ArithmeticException(
                $"The gradient norm of step {StepCount + 1} is {norm}: the run has diverged; lower the learning rate or clip harder.");
        }

        StepCount++;
        var scale = (float)Math.Min(1, _options.MaxGradientNorm / (norm + ClipEpsilon));
        for (var parameter = 0; parameter < _weights.Table.Parameters.Count; parameter++)
        {
            var decay = _weights.Table.Parameters[parameter].Shape.Rank >= 2 ? _options.WeightDecay : 0;
            var step = new AdamWStep(
                learningRate, _options.Beta1, _options.Beta2, _options.Epsilon, decay, StepCount, scale,
                ParameterSet.DitherOf(parameter));
            Update(parameter, gradients[parameter], step);
        }

        _weights.MarkChanged();
        return norm;
    }

    private void Update(int parameter, Tensor gradient, in AdamWStep step)
    {
        var (first, second) = (FirstMoment[parameter], SecondMoment[parameter]);
        if (_isSplit)
        {
            _weights.Backend.AdamWSplit(_weights[parameter], _weights.LowerHalves(parameter), gradient, first, second, step);
        }
        else
        {
            _weights.Backend.AdamW(_weights[parameter], gradient, first, second, step);
        }
    }

    /// <summary>The Euclidean norm over all gradients together.</summary>
    public static double GradientNorm(ParameterSet gradients) => Math.Sqrt(gradients.Backend.SumOfSquares(gradients.All));

    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
