namespace Rebound.Engine.Cpu;

/// <summary>Root mean square normalization of rows.</summary>
internal static unsafe class RmsNorm
{
    public static void Forward(
        float* output, float* reciprocalRms, float* input, float* weight, int rows, int width, float epsilon)
    {
        for (var t = 0; t < rows; t++)
        {
            reciprocalRms[t] = ForwardRow(output + ((nint)t * width), input + ((nint)t * width), weight, width, epsilon);
        }
    }

    public static float ForwardRow(float* output, float* input, float* weight, int width, float epsilon)
    {
        var reciprocal = 1 / MathF.Sqrt((Linear.Dot(input, input, width) / width) + epsilon);
        for (var c = 0; c < width; c++)
        {
            output[c] = input[c] * reciprocal * weight[c];
        }

        return reciprocal;
    }

    /// <summary>
    /// Of <c>output[c] = input[c]·r·weight[c]</c> with <c>r = (mean(input²) + ε)^−½</c>:
    /// <c>dInput[c] = r·(dOutput[c]·weight[c] − input[c]·r²·mean(dOutput·weight·input))</c>,
    /// <c>dWeight[c] += dOutput[c]·input[c]·r</c>.
    /// </summary>
    public static void BackwardRow(
        float* dInput, float* dWeight, float* dOutput, float* input, float* weight, float reciprocal, int width, bool accumulate)
    {
        var sum = 0f;
        for (var c = 0; c < width; c++)
        {
            sum += dOutput[c] * weight[c] * input[c];
        }

        var pull = sum / width * reciprocal * reciprocal;
        for (var c = 0; c < width; c++)
        {
            var gradient = dOutput[c];
            if (dWeight != null)
            {
                dWeight[c] += gradient * input[c] * reciprocal;
            }

            var result = reciprocal * ((gradient * weight[c]) - (input[c] * pull));
            dInput[c] = accumulate ? dInput[c] + result : result;
        }
    }
}
