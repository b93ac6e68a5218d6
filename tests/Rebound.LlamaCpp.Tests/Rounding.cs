namespace Rebound.LlamaCpp.Tests;

/// <summary>
/// llama.cpp rounds activations before it multiplies them by weights of a type: to fp16 and bf16, or to eight bits of a block's largest
/// magnitude, about 1/100 of a usual value. Rebound does not.
/// </summary>
internal static class Rounding
{
    /// <summary>
    /// How far logits may be, of the largest: each of a block's seven products errs by the unit u independently, so that L blocks err by
    /// u·√(7·L), and the largest of many logits by up to twice that.
    /// </summary>
    public static double Tolerance(string type, int layers)
    {
        var unit = type switch
        {
            "F32" => 1.0 / (1 << 20),
            "F16" => 1.0 / (1 << 11),
            "BF16" => 1.0 / (1 << 9),
            _ => 1.0 / 100,
        };
        return 2 * unit * Math.Sqrt(7 * layers);
    }
}
