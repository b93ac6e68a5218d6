namespace Rebound.Engine.Tests.Reference;

internal static partial class ScalarReference
{
    /// <returns>Output [T, C] and reciprocal root mean squares [T].</returns>
    public static (double[] Output, double[] ReciprocalRms) RmsNormForward(double[] input, double[] weight, double epsilon)
    {
        var width = weight.Length;
        var (output, reciprocals) = (new double[input.Length], new double[input.Length / width]);
        for (var t = 0; t < reciprocals.Length; t++)
        {
            reciprocals[t] = NormalizeRow(output, input, t * width, weight, epsilon);
        }

        return (output, reciprocals);
    }

    public static (double[] DInput, double[] DWeight) RmsNormBackward(
        double[] dOutput, double[] input, double[] weight, double epsilon)
    {
        var width = weight.Length;
        var (dInput, dWeight) = (new double[input.Length], new double[width]);
        for (var offset = 0; offset < input.Length; offset += width)
        {
            NormalizeRowBackward(dInput, dWeight, dOutput, input, offset, weight, epsilon);
        }

        return (dInput, dWeight);
    }

    /// <returns>Output [T, H + 2·KvH, HeadDim] and reciprocal root mean squares [T, H + KvH].</returns>
    public static (double[] Output, double[] ReciprocalRms) QueryKeyNormForward(
        double[] input, double[] queryWeight, double[] keyWeight, AttentionShape shape, double epsilon)
    {
        var output = (double[])input.Clone();
        var normed = shape.QueryHeads + shape.KeyValueHeads;
        var reciprocals = new double[input.Length / (shape.FusedHeads * shape.HeadDim) * normed];
        for (var i = 0; i < reciprocals.Length; i++)
        {
            var (t, h) = (i / normed, i % normed);
            reciprocals[i] = NormalizeRow(
                output, input, ((t * shape.FusedHeads) + h) * shape.HeadDim, h < shape.QueryHeads ? queryWeight : keyWeight, epsilon);
        }

        return (output, reciprocals);
    }

    public static (double[] DInput, double[] DQueryWeight, double[] DKeyWeight) QueryKeyNormBackward(
        double[] dOutput, double[] input, double[] queryWeight, double[] keyWeight, AttentionShape shape, double epsilon)
    {
        var dInput = new double[input.Length];
        var (dQueryWeight, dKeyWeight) = (new double[shape.HeadDim], new double[shape.HeadDim]);
        for (var head = 0; head < input.Length / shape.HeadDim; head++)
        {
            var (h, offset) = (head % shape.FusedHeads, head * shape.HeadDim);
            if (h < shape.QueryHeads)
            {
                NormalizeRowBackward(dInput, dQueryWeight, dOutput, input, offset, queryWeight, epsilon);
            }
            else if (h < shape.QueryHeads + shape.KeyValueHeads)
            {
                NormalizeRowBackward(dInput, dKeyWeight, dOutput, input, offset, keyWeight, epsilon);
            }
            else
            {
                Array.Copy(dOutput, offset, dInput, offset, shape.HeadDim);
            }
        }

        return (dInput, dQueryWeight, dKeyWeight);
    }

    private static double NormalizeRow(double[] output, double[] input, int offset, double[] weight, double epsilon)
    {
        var reciprocal = ReciprocalRms(input, offset, weight.Length, epsilon);
        for (var c = 0; c < weight.Length; c++)
        {
            output[offset + c] = input[offset + c] * reciprocal * weight[c];
        }

        return reciprocal;
    }

    /// <summary>
    /// Of <c>y_c = x_c·r·w_c</c>, <c>r = (Σx²/C + ε)^−½</c>, so <c>∂r/∂x_c = −r³·x_c/C</c>:
    /// <c>dx_c = r·w_c·dy_c − r³·x_c/C·Σ_j dy_j·w_j·x_j</c>.
    /// </summary>
    private static void NormalizeRowBackward(
        double[] dInput, double[] dWeight, double[] dOutput, double[] input, int offset, double[] weight, double epsilon)
    {
        var reciprocal = ReciprocalRms(input, offset, weight.Length, epsilon);
        var sum = 0.0;
        for (var c = 0; c < weight.Length; c++)
        {
            sum += dOutput[offset + c] * weight[c] * input[offset + c];
            dWeight[c] += dOutput[offset + c] * input[offset + c] * reciprocal;
        }

        for (var c = 0; c < weight.Length; c++)
        {
            dInput[offset + c] += (reciprocal * weight[c] * dOutput[offset + c])
                - (Math.Pow(reciprocal, 3) * input[offset + c] / weight.Length * sum);
        }
    }

    private static double ReciprocalRms(double[] input, int offset, int width, double epsilon)
    {
        var sum = 0.0;
        for (var c = 0; c < width; c++)
        {
            sum += input[offset + c] * input[offset + c];
        }

        return 1 / Math.Sqrt((sum / width) + epsilon);
    }
}
