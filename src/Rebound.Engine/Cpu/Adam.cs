namespace Rebound.Engine.Cpu;

/// <summary>AdamW's step, one pass over parameter, gradient and both moments.</summary>
internal static unsafe class Adam
{
    public static void Step(float* parameter, float* gradient, float* first, float* second, nint count, in AdamWStep step)
    {
        var keep = 1 - (step.LearningRate * step.WeightDecay);
        var rate = (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)));
        var correction = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
        for (nint i = 0; i < count; i++)
        {
            var g = gradient[i] * step.GradientScale;
            var m = first[i] + ((1 - step.Beta1) * (g - first[i]));
            var v = (step.Beta2 * second[i]) + ((1 - step.Beta2) * g * g);
            (first[i], second[i]) = (m, v);
            parameter[i] = (parameter[i] * keep) - (rate * m / ((MathF.Sqrt(v) * correction) + step.Epsilon));
        }
    }
}
