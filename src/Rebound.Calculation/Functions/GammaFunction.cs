using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Functions;

/// <summary>
/// The gamma function of real numbers, by Lanczos's approximation (g = 7, nine coefficients; relative error below 1e-14).
/// </summary>
internal static class GammaFunction
{
    private const double G = 7;

    /// <summary>Coefficients of the series for g = 7 and nine terms (P. Godfrey, 2001).</summary>
    private static readonly double[] Coefficients =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>Γ(x), also where a double cannot hold it; no number at zero and the negative integers.</summary>
    public static Wide Of(double x)
    {
        if (x < 0.5)
        {
            return x == Math.Floor(x) ? Wide.NaN : Math.PI / (Math.Sin(Math.PI * x) * Of(1 - x));
        }

        var shifted = x - 1;
        var series = Coefficients[0];
        for (var i = 1; i < Coefficients.Length; i++)
        {
            series += Coefficients[i] / (shifted + i);
        }

        var t = shifted + G + 0.5;
        var power = Math.Pow(t, shifted + 0.5);
        return double.IsFinite(power)
            ? Math.Sqrt(2 * Math.PI) * power * Math.Exp(-t) * series
            : Math.Sqrt(2 * Math.PI) * series * Wide.Exp(((shifted + 0.5) * Math.Log(t)) - t);
    }
}
