using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>Settings of AdamW that stay the same over a run.</summary>
public sealed record AdamWOptions
{
    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.999f;

    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled weight decay of matrices; norms and biases have none.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Gradients whose norm is above are scaled down to it; infinity for no clipping.</summary>
    public float MaxGradientNorm { get; init; } = float.PositiveInfinity;
}

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

    /// <summary>Allocates the moments, zeroed: two fp32 numbers for every parameter.</summary>
    /// <param name="weights">What is trained: <see cref="LlamaModel.Trainable"/>.</param>
    public AdamWOptimizer(ParameterSet weights, AdamWOptions options)
    {
        _weights = weights;
        _options = options;
        FirstMoment = new ParameterSet(weights.Backend, weights.Table);
        SecondMoment = new ParameterSet(weights.Backend, weights.Table);
    }

    /// <summary>m, as it stands after <see cref="StepCount"/> steps.</summary>
    public ParameterSet FirstMoment { get; }

    /// <summary>v, as it stands after <see cref="StepCount"/> steps.</summary>
    public ParameterSet SecondMoment { get; }

    /// <summary>Steps taken; set it when moments of an earlier run are put back.</summary>
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
                learningRate, _options.Beta1, _options.Beta2, _options.Epsilon, decay, StepCount, scale);
            _weights.Backend.AdamW(
                _weights[parameter], gradients[parameter], FirstMoment[parameter], SecondMoment[parameter], step);
        }

        return norm;
    }

    /// <summary>The Euclidean norm over all gradients together.</summary>
    public static double GradientNorm(ParameterSet gradients)
    {
        var sum = 0.0;
        for (var parameter = 0; parameter < gradients.Table.Parameters.Count; parameter++)
        {
            sum += gradients.Backend.SumOfSquares(gradients[parameter]);
        }

        return Math.Sqrt(sum);
    }

    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
