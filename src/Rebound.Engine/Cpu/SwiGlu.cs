namespace Rebound.Engine.Cpu;

/// <summary>The gated unit: <c>output = silu(gate)·up</c>, <c>silu(x) = x·σ(x)</c>.</summary>
internal static unsafe class SwiGlu
{
    public static void Forward(float* output, float* gateUp, int tokens, int width)
    {
        for (var t = 0; t < tokens; t++)
        {
            var gate = gateUp + ((nint)t * 2 * width);
            var up = gate + width;
            var into = output + ((nint)t * width);
            for (var f = 0; f < width; f++)
            {
                into[f] = gate[f] * Sigmoid(gate[f]) * up[f];
            }
        }
    }

    /// <summary>
    /// Of <c>output = gate·σ(gate)·up</c>: <c>dUp = dOutput·gate·σ</c>,
    /// <c>dGate = dOutput·up·σ·(1 + gate·(1 − σ))</c>.
    /// </summary>
    public static void Backward(float* dGateUp, float* dOutput, float* gateUp, int tokens, int width)
    {
        for (var t = 0; t < tokens; t++)
        {
            var gate = gateUp + ((nint)t * 2 * width);
            var dGate = dGateUp + ((nint)t * 2 * width);
            var from = dOutput + ((nint)t * width);
            for (var f = 0; f < width; f++)
            {
                var (g, u, sigmoid) = (gate[f], gate[f + width], Sigmoid(gate[f]));
                dGate[f] = from[f] * u * sigmoid * (1 + (g * (1 - sigmoid)));
                dGate[f + width] = from[f] * g * sigmoid;
            }
        }
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
