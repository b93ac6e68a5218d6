using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>AdamW's step over blocks of elements: one pass over parameter, gradient and both moments.</summary>
internal unsafe struct AdamKernel : IVectorKernel
{
    private readonly float* _parameter;
    private readonly float* _gradient;
    private readonly float* _first;
    private readonly float* _second;
    private readonly nint _count;
    private readonly float _keep;
    private readonly float _rate;
    private readonly float _correction;
    private readonly AdamWStep _step;

    public AdamKernel(float* parameter, float* gradient, float* first, float* second, nint count, in AdamWStep step)
    {
        _parameter = parameter;
        _gradient = gradient;
        _first = first;
        _second = second;
        _count = count;
        _step = step;
        _keep = 1 - (step.LearningRate * step.WeightDecay);
        _rate = (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)));
        _correction = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var i = (nint)start * Rows.BlockElements;
        var stop = Math.Min(_count, (nint)end * Rows.BlockElements);
        for (; i + V.Count <= stop; i += V.Count)
        {
            Step<V>(i);
        }

        for (; i < stop; i++)
        {
            Step<Float32x1>(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Step<V>(nint i)
        where V : unmanaged, IFloat32Vector<V>
    {
        var gradient = V.Load(_gradient + i) * V.Of(_step.GradientScale);
        var first = V.Load(_first + i);
        first = V.MultiplyAdd(V.Of(1 - _step.Beta1), gradient - first, first);
        first.Store(_first + i);
        var second = V.Load(_second + i) * V.Of(_step.Beta2);
        second = V.MultiplyAdd(gradient * V.Of(1 - _step.Beta2), gradient, second);
        second.Store(_second + i);
        var update = first * V.Of(_rate) / V.MultiplyAdd(V.Sqrt(second), V.Of(_correction), V.Of(_step.Epsilon));
        ((V.Load(_parameter + i) * V.Of(_keep)) - update).Store(_parameter + i);
    }
}
