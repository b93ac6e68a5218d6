using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>
/// How far results may be from exact ones, relative to the largest of a tensor, by the type that is computed in.
/// <para>
/// Computing in fp32, 1e-4. In bf16 every number is off by up to the type's unit u = 2⁻⁸ of itself. A block rounds its nine
/// weights and eleven activations, L blocks 20·L times in the forward and about as often again in the backward. The
/// errors are independent, so that they add up as √n·u; the largest of many is up to twice that. A model whose numbers cancel
/// amplifies errors further: <see cref="RoundingVerdict"/>.
/// </para>
/// </summary>
/// <param name="Forward">Of logits.</param>
/// <param name="Backward">Of gradients.</param>
/// <param name="Loss">Of a loss, which is a mean over tokens: in bf16 the 2% that curves of losses are compared within.</param>
/// <param name="GradientNorm">
/// Of gradient norms of repeated steps. In bf16 twice that of gradients: AdamW moves a weight by nearly its whole rate
/// whichever sign its gradient has, so that weights drift apart where a gradient is no larger than its rounding.
/// </param>
public sealed record RoundingTolerance(double Forward, double Backward, double Loss, double GradientNorm)
{
    private const double Unit = 1.0 / 256;
    private const int RoundingsOfBlock = 20;

    /// <summary>The same for everything.</summary>
    public static RoundingTolerance Of(double tolerance) => new(tolerance, tolerance, tolerance, tolerance);

    /// <summary>That of a model as its backend computes it.</summary>
    public static RoundingTolerance For(LlamaModel model)
    {
        if (model.Backend.ElementType != DType.BFloat16)
        {
            return Of(1e-4);
        }

        var roundings = RoundingsOfBlock * model.Config.Layers;
        var backward = 2 * Unit * Math.Sqrt(2 * roundings);
        return new RoundingTolerance(2 * Unit * Math.Sqrt(roundings), backward, 0.02, 2 * backward);
    }
}
